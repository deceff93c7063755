"""What a tree of folders is: class folders, the images in them, or the parts of a data set.

Nothing here looks into an image, and nothing loads TensorFlow.
"""

import os
import re
import unicodedata
from pathlib import Path

from keras_freq import checks

SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".webp")
# Images too, which nobody means to leave out unseen.
UNREAD_SUFFIXES = (".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl")

# Folders that file servers, archives, file managers and editors make, with copies of images.
_SYSTEM_FOLDER = re.compile(
    r"\..*|@.*|[#$~](recycle|snapshot|trash).*|__(macosx|pycache)__|__macosx|recycler|lost\+found"
    r"|system volume information|found\.\d+|network trash folder|temporary items",
    re.IGNORECASE,
)
_KNOWN_AT_SIGN = re.compile(r"@(ea|_|recycle|recently|tmp|syno).*", re.IGNORECASE)
# Words for the parts of a data set, and words that may stand beside them.
_PARTS = {
    "train": re.compile(r"train(ing)?(set|data|images?)?"),
    "test": re.compile(r"(test(ing)?|eval(uation)?)(set|data|images?)?"),
    "validation": re.compile(r"val(id(ation)?)?(set|data|images?)?"),
}
_BESIDE = re.compile(r"(data)?sets?|data|images?|imgs?|pictures?|files?|splits?|seg|\d+|[a-z]")


def class_folders(root):
    """Lists the folders of a folder, in the order of their labels.

    Folders that systems make are left out. The order is that of the names as text. If all names
    are whole numbers, it is the order of the numbers.

    Args:
        root: The folder, a `Path`.

    Returns:
        A list of `Path`.
    """
    folders = sorted(path for path in _folders(root) if not is_system_folder(path.name))
    if folders and all(re.fullmatch(r"[0-9]+", folder.name) for folder in folders):
        folders.sort(key=lambda folder: int(folder.name))
    return folders


def all_folders(root):
    """Gives `{name: folder}` of all folders of a folder, those that systems make last."""
    folders = sorted(_folders(root), key=lambda path: (is_system_folder(path.name), path))
    return {same_name(folder.name): folder for folder in reversed(folders)}


def is_system_folder(name):
    """Whether a folder's name is that of a hidden folder, or of one that systems make."""
    return bool(_SYSTEM_FOLDER.fullmatch(name))


def left_out_folders(root):
    """Lists the folders whose names look like a system's, but which could be classes.

    They hold images, begin with an "@", and are none that is known.
    """
    return [
        path
        for path in sorted(_folders(root))
        if path.name.startswith("@")
        and not _KNOWN_AT_SIGN.fullmatch(path.name)
        and any(Path(name).suffix.lower() in SUFFIXES for name in os.listdir(path))
    ]


def files_below(folder):
    """Lists the files below a folder, but for hidden ones and those in folders of systems.

    Links are followed, and each folder is read once. Links to a folder around this one are not
    followed. A link to nothing counts as a file, so that it is missed by its name.

    Args:
        folder: The folder, a `Path`.

    Returns:
        A sorted list of `Path`.
    """
    files, waiting = [], [str(folder)]
    read = {str(parent) for parent in Path(os.path.realpath(folder)).parents}
    while waiting:
        for here, folders, names in os.walk(waiting.pop(0), onerror=_refuse_unreadable):
            real = os.path.realpath(here)
            if real in read:
                folders.clear()
                continue
            read.add(real)
            folders[:] = [name for name in folders if not is_system_folder(name)]
            # What is no link comes first, so that links add files and change no paths.
            joined = (os.path.join(here, name) for name in folders)
            waiting += sorted(path for path in joined if os.path.islink(path))
            paths = (os.path.join(here, name) for name in names if not name.startswith("."))
            files += (path for path in paths if os.path.isfile(path) or not os.path.exists(path))
    return [Path(path) for path in sorted(files)]


def images_below(folder):
    """Lists the image files below a folder."""
    return [path for path in files_below(folder) if path.suffix.lower() in SUFFIXES]


def part_folders(root):
    """Finds the folders of training, test and validation images.

    A folder called exactly train, test, val or validation is one, whatever it holds. Others, such
    as `training_set`, must hold folders.

    Args:
        root: The folder, a `Path`.

    Returns:
        A dict with some of the keys "train", "test" and "validation".

    Raises:
        ValueError: If several folders could be the same part.
    """
    found = {}
    for exact, part in (("train",) * 2, ("test",) * 2, ("val", "validation"), ("validation",) * 2):
        if part not in found and (root / exact).is_dir():
            found[part] = root / exact
    if "train" in found and len(found) > 1:
        return found
    folders = [folder for folder in class_folders(root) if class_folders(folder)]
    for part in _PARTS:
        alike = [folder for folder in folders if _part(folder.name) == part]
        if part not in found and len(alike) > 1:
            raise ValueError(
                f"`path` must hold one folder of {part} images. Received: {root}, which holds "
                f"{', '.join(folder.name for folder in alike)}. Rename the right one to {part}"
            )
        if alike:
            found.setdefault(part, alike[0])
    return found


def are_parts(folders, images):
    """Whether folders are the parts of a data set, and not its classes.

    They are if all of their names say so. They also are if they hold no images themselves, and
    mostly the same folders of images, at least two.

    Args:
        folders: A list of `Path`.
        images: For each folder, the list of its images as `Path`. None looks at names alone.
    """
    if images is None:
        return all(_part(folder.name) for folder in folders)
    inside = [
        {path.relative_to(folder).parts[0] for path in found}
        for folder, found in zip(folders, images, strict=True)
        if found and all(path.parent != folder for path in found)
    ]
    if len(inside) < 2 or 2 * len(inside) < len(folders):
        return False
    common = set.intersection(*inside)
    return len(common) >= 2 and 2 * len(common) >= len(set.union(*inside))


def same_name(name):
    """A name in the one form that all of its spellings in Unicode have."""
    return unicodedata.normalize("NFC", name)


def class_list(classes):
    """Reads the argument `classes`, and gives `{folder: class name}`.

    Args:
        classes: A sequence of names, a dict `{folder: class name}`, or the path of a text file with
            one name a line.
    """
    if isinstance(classes, str | os.PathLike):
        lines = checks.text_file("the file of `classes`", classes).splitlines()
        classes = [line.strip() for line in lines if line.strip()]
    try:
        named = classes if isinstance(classes, dict) else {}
        pairs = [(str(folder), str(named.get(folder, folder))) for folder in classes]
    except TypeError:
        raise ValueError(
            "`classes` must be a list of names, a dict of folders and their names, or a text file "
            f"with one name a line. Received: classes={classes!r}"
        ) from None
    folders = [folder for folder, _ in pairs]
    if len(folders) < 2 or len(set(map(same_name, folders))) < len(folders):
        raise ValueError(
            f"`classes` must name at least two folders, each once. Received: {folders}"
        )
    return dict(pairs)


def _folders(root):
    """All folders of a folder."""
    try:
        return [path for path in root.iterdir() if path.is_dir()]
    except OSError as error:
        _refuse_unreadable(error)


def _refuse_unreadable(error):
    """Raises for a folder that cannot be read."""
    raise ValueError(
        f"`path` must hold folders that can be read. Received: {error.filename} "
        f"({error.strerror or type(error).__name__}). Change its permissions, or remove it"
    )


def _part(name):
    """The part of a data set that a name stands for: a key of `_PARTS`, or None."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_]+", name)]
    parts = {part for word in words for part, form in _PARTS.items() if form.fullmatch(word)}
    others = [w for w in words if not any(form.fullmatch(w) for form in _PARTS.values())]
    if len(parts) != 1 or not all(map(_BESIDE.fullmatch, others)):
        return None
    return parts.pop()

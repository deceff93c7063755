"""What can be told of a saved model without Keras, which takes seconds to load: kind and hash."""

import hashlib
import zipfile
from pathlib import Path

from keras_freq.lab.config import ConfigError

_OF_OTHERS = {
    **dict.fromkeys(
        (".pt", ".pth", ".safetensors", ".bin", ".ckpt", ".onnx"),
        "Bring it to Keras first. For PyTorch: export it with torch.onnx.export, convert that file "
        "with onnx2tf, and give the SavedModel folder that it writes. For weights of a network "
        "that keras_freq has, see `keras_freq.models`",
    ),
    ".tflite": "Give the Keras model that it was made of",
    ".pb": "Give the folder of the SavedModel that holds it",
    ".npz": "It holds arrays: the model comes first, and then the images",
    ".json": "Build the model of it with keras.models.model_from_json, load its weights, and save "
    'it: model.save("model.keras")',
}
_HDF5, _ZIP = b"\x89HDF", b"PK\x03\x04"


def check_model_path(path):
    """Raises unless a file or folder may be a saved model, by its name and its first bytes.

    Args:
        path: The file or folder.

    Raises:
        ConfigError: If there is no such file, or it is of another program, cut off, or only points
            to a model.
    """
    path = Path(path)
    if path.is_dir():
        if not (path / "saved_model.pb").is_file():
            raise ConfigError(
                f"{path} is a folder without saved_model.pb, and no model file. Give the .keras or "
                ".h5 file, or the folder of a SavedModel"
            )
        return
    if not path.is_file():
        raise ConfigError(f"there is no model file {path}")
    try:
        with open(path, "rb") as file:
            begin = file.read(64)
    except OSError as error:
        raise ConfigError(f"cannot read the model file {path}: {error.strerror}") from None
    if begin.startswith(b"version https://git-lfs"):
        raise ConfigError(f"{path} only points to a model in Git LFS. Fetch it: git lfs pull")
    cure = _OF_OTHERS.get(path.suffix.lower())
    if cure is not None:
        raise ConfigError(f"{path} is no Keras model. {cure}")
    if path.suffix not in (".keras", ".h5", ".hdf5"):
        suffix = ".h5" if begin.startswith(_HDF5) else ".keras"
        raise ConfigError(
            f"cannot read the model file {path}: its name must end in .keras or .h5"
            + (f". It looks like {suffix}" if begin[:4] in (_HDF5, _ZIP) else "")
        )
    _check_contents(path, begin)


def _check_contents(path, begin):
    """Raises unless the contents of a file are what its name says."""
    form, mark = ("zip", _ZIP) if path.suffix == ".keras" else ("HDF5", _HDF5)
    if begin.startswith(mark) and (form == "HDF5" or zipfile.is_zipfile(path)):
        return
    # An HDF5 file may have other bytes before its mark; Keras tells whether it is one.
    if form == "HDF5" and begin and not begin.startswith(_ZIP) and not _is_text(begin):
        return
    if not begin:
        received = "an empty file"
    elif begin.startswith(mark):
        received = f"a {form} file that is cut off before its end"
    else:
        other = {_HDF5: "an HDF5 file, whose name must end in .h5", _ZIP: "a zip file"}
        received = other.get(begin[:4], "a text file" if _is_text(begin) else "other contents")
    article = "a" if form == "zip" else "an"
    raise ConfigError(
        f"cannot read the model file {path}: it is no Keras model, since a {path.suffix} file is "
        f'{article} {form} file. Received: {received}. Write it by model.save("{path.name}"), or '
        "copy it again"
    )


def _is_text(begin):
    """Whether the first bytes of a file are those of a text."""
    return begin.isascii() and not set(begin) & {0, *range(1, 9), *range(14, 32)}


def digest_of_model(path):
    """Gives the SHA-256 of a model file, or of all files of a folder with their names, as text."""
    path = Path(path)
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    digest = hashlib.sha256()
    for file in sorted(one for one in path.rglob("*") if one.is_file()):
        digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()

"""A folder of class folders as a data set."""

from keras_freq.data.labelled_files import check_reading, labelled_files
from keras_freq.data.listed_folders import listed_files


def image_folder(
    path,
    *,
    image_size,
    batch_size=32,
    shuffle=False,
    seed=0,
    on_error="raise",
    first_epoch=None,
    classes=None,
    color_mode="rgb",
    resize="crop",
    antialias=True,
):
    """Reads a folder with one sub-folder for each class.

    The files are JPEG, PNG, BMP, WebP or GIF (its first frame). Other files are ignored, with a
    warning if they are images of another format. So are files and folders whose names begin with
    a dot, and folders that systems make, such as `@eaDir` and `__MACOSX`. Links are followed. Grey,
    palette and CMYK images become RGB, transparency is dropped, 16 bits stay 16 bits, and
    photographs are turned upright as their EXIF says. Every file is decoded once before this
    returns, so that a broken one is found now and not in the middle of a training.

    Args:
        path: The folder. Its sub-folders are the classes, in the order of their names. If all names
            are whole numbers, it is the order of the numbers, with a warning if that differs from
            the order as text, which Keras' loader takes.
        image_size: Int or `(height, width)`, in pixels.
        batch_size: Int >= 1; the last batch of an epoch may be smaller. Defaults to 32.
        shuffle: False gives the files sorted by class and name in every epoch, True gives each
            epoch an order of its own. Defaults to False.
        seed: Int >= 0, decides the orders. Defaults to 0.
        on_error: "raise", the default, stops at a file that cannot be decoded. "skip" leaves such
            files out, with a warning that says how many and which. The data set lists them in its
            attribute `skipped`.
        first_epoch: None, the default, gives a data set of one epoch. An int e >= 0 gives the
            endless stream of the epochs e, e + 1, ... When shuffled, the order of an epoch depends
            on `seed` and its number alone. So a training resumed at epoch e with
            `model.fit(..., steps_per_epoch=..., initial_epoch=e)` sees what an uninterrupted one
            would have seen.
        classes: The sub-folders to read, in the order of their labels: a list of their names, the
            path of a text file with one name a line, or a dict `{folder: class name}` that also
            renames them. Defaults to all. For a test set, give `classes=train.class_names`, so
            that its labels mean the same. For a model of somebody else's, give the classes in the
            model's order.
        color_mode: "rgb", the default, or "grayscale" for images of one channel: the luminance
            0.299 R + 0.587 G + 0.114 B.
        resize: "crop", the default, cuts out the largest centred window of the wanted aspect ratio
            and resizes it. "stretch" resizes the whole image. Both are bilinear.
        antialias: Whether to remove what the smaller image cannot show, before it is shrunk.
            Without it, high frequencies are folded onto low ones. Defaults to True.
            `resize="stretch", antialias=False` reads JPEG and PNG files bit for bit as
            `keras.utils.image_dataset_from_directory` does, and divides them by 255. Only
            photographs that are not stored upright differ, since Keras does not turn them.

    Returns:
        A `tf.data.Dataset` of `(images, labels)` batches: float32 `(N, height, width, C)` in [0, 1]
        and int64 `(N,)`. Its attributes are `class_names`; `file_paths` and `skipped`, sorted lists
        of str; `turned`, the number of files that were turned upright; and `resized`, the number of
        those of another size.

    Raises:
        ValueError: If the folder is missing, has no class folders, only one, or one without images;
            if it holds the parts of a data set; if it lacks one of `classes`; if a file cannot be
            decoded; or if an argument is out of range.

    Example:
        >>> import pathlib, tempfile
        >>> import keras
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> for name in ("cat", "dog"):
        ...     (folder / name).mkdir()
        ...     keras.utils.save_img(folder / name / "1.png", np.full((9, 12, 3), 255), scale=False)
        >>> dataset = kf.data.image_folder(folder, image_size=8)
        >>> dataset.class_names
        ['cat', 'dog']
        >>> for images, labels in dataset:
        ...     print(images.shape, images.numpy().mean().round(4), labels.numpy())
        (2, 8, 8, 3) 1.0 [0 1]
    """
    options = {"image_size": image_size, "batch_size": batch_size, "shuffle": shuffle, "seed": seed}
    options |= {"on_error": on_error, "color_mode": color_mode, "resize": resize}
    check_reading(**options, antialias=antialias)
    class_names, files, labels = listed_files(path, classes)
    return labelled_files(
        files, labels, class_names, **options, antialias=antialias, first_epoch=first_epoch
    )

"""The classes with the highest scores, and the names of ImageNet's classes."""

import ast
import json

import numpy as np

from keras_freq import checks


def imagenet_class_names(path):
    """Reads ImageNet's class names from a file that the user has.

    Args:
        path: `imagenet_class_index.json`, as `keras.applications` downloads it to
            `~/.keras/models` ({"0": ["n01440764", "tench"], ...}); or a text file of a Python
            dictionary {0: "tench, Tinca tinca", ...}; or one name a line.

    Returns:
        A list of names in the order of the classes.

    Raises:
        TypeError: If `path` is no path.
        ValueError: If the file cannot be read, or is none of these.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "imagenet_class_index.json"
        >>> table = '{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}'
        >>> _ = path.write_text(table)
        >>> imagenet_class_names(path)
        ['tench', 'goldfish']
    """
    text = checks.text_file("the file of class names `path`", checks.path("path", path)).strip()
    if not text.startswith("{"):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        table = json.loads(text)
    except json.JSONDecodeError:
        try:
            table = ast.literal_eval(text)
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"`path` is neither JSON nor a dictionary: {str(path)!r}") from error
    table = {int(key): value for key, value in table.items()}
    if sorted(table) != list(range(len(table))):
        raise ValueError(
            f"`path` must number the classes 0 to {len(table) - 1}. Received: {str(path)!r}"
        )
    return [
        table[i] if isinstance(table[i], str) else table[i][1].replace("_", " ")
        for i in range(len(table))
    ]


def top_predictions(model, images, class_names, k=5, *, verbose=True):
    """Lists the k classes with the highest scores, and prints them for each image.

    Args:
        model: Any `keras.Model` from images to class scores `(N, K)`: probabilities or logits,
            shown as they are.
        images: `(N, H, W, C)` or one image `(H, W, C)`, in [0, 1].
        class_names: K names.
        k: How many to show, at most K.
        verbose: Whether to print the table.

    Returns:
        A pandas DataFrame with the columns image, rank (from 1), score, class_id and class_name.

    Raises:
        ValueError: If names, scores and `k` do not fit each other.

    Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
        >>> image = np.array([[0.1, 0.7], [0.2, 0.0]], "float32")[..., None]
        >>> table = top_predictions(model, image, ["ant", "bee", "cat", "dog"], k=2)
        #1   0.70  bee
        #2   0.20  cat

    Source:
        The table is that of Fleuret, "Deep learning" 8.2, which shows logits.
    """
    import pandas as pd

    # Imported here, since these modules import TensorFlow.
    from keras_freq.classifier import check_model

    images = checks.real_array("images", images, "(N, H, W, C) or (H, W, C)", ndim=(3, 4))
    images = images if images.ndim == 4 else images[None]
    checks.images("`images`", images)
    images = images.astype("float32")
    checks.integer("k", k)
    check_model(model, images[:2])
    scores = np.asarray(model.predict(images, verbose=0))
    if scores.ndim != 2:
        raise ValueError(f"`model` must give class scores (N, K). Received: shape {scores.shape}")
    class_names = checks.class_names(class_names, scores.shape[1])
    if k > len(class_names):
        raise ValueError(f"`k` must be from 1 to {len(class_names)}. Received: k={k}")
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    rows = [
        (image, rank, float(scores[image, label]), int(label), class_names[label])
        for image, labels in enumerate(order)
        for rank, label in enumerate(labels, start=1)
    ]
    if verbose:
        for image, rank, score, _, name in rows:
            if rank == 1 and len(images) > 1:
                print(f"image {image}")
            print(f"#{rank:<3} {score:5.2f}  {name}")
    return pd.DataFrame(rows, columns=["image", "rank", "score", "class_id", "class_name"])

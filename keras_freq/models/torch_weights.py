"""Weights trained in PyTorch, loaded into our models."""

import zipfile
from pathlib import Path

import numpy as np
from keras import layers

from keras_freq import checks

_PICKLE_REFUSED = """`path` is a pickle, and loading one runs the code in it: {path!r}. Instead,
convert it once, where PyTorch is installed:

    import torch, safetensors.torch
    state = torch.load("weights.pth", weights_only=True, map_location="cpu")
    safetensors.torch.save_file(state, "weights.safetensors")"""


def load_torch_weights(model, path):
    """Fills a model with a PyTorch state dict, in place.

    Use it for the trained networks of PyTorch's `torchvision`, once you have downloaded and
    converted them: `AlexNet`, `VGG16`, `VGG19` (with or without BatchNormalization), `ResNet18`,
    `ResNet34`, `ResNeXt50` and `GoogLeNet(torchvision=True)`. Every name and shape is checked
    before the first weight is set. Kernels change their axes from (out, in, height, width) to
    (height, width, in, out). The kernel of the first dense layer also changes from channels-first
    flattening to channels-last. The prefixes of wrappers are left out, such as `module.` of
    DataParallel, `_orig_mod.` of `torch.compile` and `model.` of Lightning.

    Args:
        model: A model from one of these builders, at 224 x 224 and with the state's number of
            classes. If it has no auxiliary classifiers, those in GoogLeNet's state are left out.
        path: A `.safetensors` file, or an `.npz` of the state's arrays. Pickles (`.pth`, `.pt`) are
            refused, since loading one runs the code in it.

    Returns:
        The model.

    Raises:
        ValueError: If the file is a pickle, the model is of another kind, or names and shapes do
            not match. The message lists them.
        FileNotFoundError: If there is no such file.
        ImportError: If the package that reads `.safetensors` is not installed.

    Example:
        >>> import os, tempfile
        >>> from keras_freq.models import AlexNet
        >>> path = os.path.join(tempfile.mkdtemp(), "weights.npz")
        >>> np.savez(path, **{"features.0.weight": np.zeros((64, 3, 11, 11), "float32")})
        >>> load_torch_weights(AlexNet((63, 63, 3), 2), path)
        Traceback (most recent call last):
        ...
        ValueError: `path` does not fit AlexNet:
        missing: classifier.1.bias, classifier.1.weight, classifier.4.bias, ...
    """
    checks.keras_model("model", model)
    path = checks.path("path", path)
    names = _torch_names(model)
    state = _without_wrappers(read_state(path), names.values())
    if "aux1.fc1.weight" in state and "auxiliary1_conv_conv" not in names:
        state = {key: value for key, value in state.items() if not key.startswith("aux")}

    converted, used, missing, misshaped = {}, set(), [], []
    for layer_name, prefix in names.items():
        layer = model.get_layer(layer_name)
        converted[layer_name] = []
        for variable, suffix in zip(layer.weights, _suffixes(layer), strict=True):
            key = f"{prefix}.{suffix}"
            used.add(key)
            if key not in state:
                missing.append(key)
                continue
            value = _to_keras(state[key], layer, suffix, model)
            if value is None or value.shape != tuple(variable.shape):
                misshaped.append(
                    f"{key} {state[key].shape} cannot become {layer_name} {tuple(variable.shape)}"
                )
            converted[layer_name].append(value)
    unused = [k for k in state if k not in used and not k.endswith("num_batches_tracked")]
    _refuse_mismatch(model, missing=missing, not_in_the_model=unused, of_another_shape=misshaped)

    for layer_name, arrays in converted.items():
        model.get_layer(layer_name).set_weights(arrays)
    return model


def read_state(path):
    """Reads the arrays of a `.safetensors` or `.npz` file, and refuses a pickle.

    Args:
        path: The file. Its first bytes tell its format, not its name.

    Returns:
        A dictionary from names to NumPy arrays.

    Raises:
        ValueError, FileNotFoundError, ImportError: As `load_torch_weights`.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"`path` must be a file with weights. Received: path={str(path)!r}")
    with path.open("rb") as file:
        start = file.read(9)
    # The header of safetensors comes first: its length may begin like a zip file or a pickle.
    if start[8:9] == b"{":
        return _read_safetensors(path)
    zipped = start[:2] == b"PK"
    if zipped and all(member.endswith(".npy") for member in zipfile.ZipFile(path).namelist()):
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    if zipped or start[:1] == b"\x80":
        raise ValueError(_PICKLE_REFUSED.format(path=str(path)))
    raise ValueError(f"`path` must be a .safetensors or .npz file. Received: path={str(path)!r}")


def _without_wrappers(state, names):
    """A state without the prefixes that all its keys have, and that no layer of the model has.

    They are the names of what the network was wrapped in.
    """
    known = {name.split(".")[0] for name in names}
    # A counter of `torch.optim.swa_utils.AveragedModel`, beside the network.
    state = {key: value for key, value in state.items() if key != "n_averaged"}
    while len(first := {key.partition(".")[0] for key in state}) == 1 and not first & known:
        if not all("." in key for key in state):
            break
        state = {key.partition(".")[2]: value for key, value in state.items()}
    return state


def _read_safetensors(path):
    """The arrays of a `.safetensors` file."""
    try:
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ImportError(
            "Reading .safetensors needs the package safetensors, which is in keras_freq's extra "
            '"weights". An .npz of the same arrays needs nothing.'
        ) from error
    return load_file(path)


def _torch_names(model):
    """Our layers with weights -> the prefix of their names in PyTorch's state dict."""
    ours = [layer.name for layer in model.layers if layer.weights]
    if "conv1_1" in ours:
        return _vgg_names(model)
    if "layer1_0_conv1" in ours:
        return {name: _resnet_name(name) for name in ours}
    if "inception3a_branch1_conv" in ours:
        return {name: _googlenet_name(name) for name in ours}
    if ours == [*_ALEXNET_NAMES]:
        return _ALEXNET_NAMES
    raise ValueError(
        "`model` must be an AlexNet, VGG16, VGG19, ResNet18, ResNet34, ResNeXt50 or GoogLeNet of "
        f"keras_freq.models. Received: {model.name!r}, whose layers have other names"
    )


_ALEXNET_NAMES = {
    "conv1": "features.0",
    "conv2": "features.3",
    "conv3": "features.6",
    "conv4": "features.8",
    "conv5": "features.10",
    "dense6": "classifier.1",
    "dense7": "classifier.4",
    "logits": "classifier.6",
}


def _vgg_names(model):
    """PyTorch numbers all the layers of a VGG, also those without weights."""
    names = {"dense6": "classifier.0", "dense7": "classifier.3", "logits": "classifier.6"}
    counted = (layers.Conv2D, layers.BatchNormalization, layers.ReLU, layers.MaxPooling2D)
    features = [layer for layer in model.layers if isinstance(layer, counted)]
    names |= {layer.name: f"features.{i}" for i, layer in enumerate(features)}
    return {layer.name: names[layer.name] for layer in model.layers if layer.weights}


def _resnet_name(name):
    """`layer2_0_downsample_conv` -> `layer2.0.downsample.0`; also for ResNeXt."""
    if name == "logits":
        return "fc"
    name = name.replace("downsample_conv", "downsample_0").replace("downsample_bn", "downsample_1")
    return name.replace("_", ".")


def _googlenet_name(name):
    """`inception3a_branch2_0_conv` -> `inception3a.branch2.0.conv`."""
    if name == "logits":
        return "fc"
    name = name.replace("auxiliary", "aux").replace("_dense", "_fc1").replace("_logits", "_fc2")
    return name.replace("_", ".")


def _suffixes(layer):
    """What PyTorch calls the weights of a layer, in the order in which Keras lists them."""
    if isinstance(layer, layers.BatchNormalization):
        return ("weight", "bias", "running_mean", "running_var")
    return ("weight", "bias") if layer.use_bias else ("weight",)


def _to_keras(value, layer, suffix, model):
    """One array in Keras' order of axes, or None if its shape does not allow that."""
    if suffix != "weight" or isinstance(layer, layers.BatchNormalization):
        return value
    if isinstance(layer, layers.Conv2D):
        return value.transpose(2, 3, 1, 0) if value.ndim == 4 else None
    if value.ndim != 2:
        return None
    flatten = _FLATTENED.get(layer.name)
    if flatten is None:
        return value.T
    # PyTorch flattens (channels, height, width), Keras (height, width, channels).
    height, width, channels = model.get_layer(flatten).input.shape[1:]
    if value.shape[1] != height * width * channels:
        return None
    value = value.reshape(-1, channels, height, width)
    return value.transpose(2, 3, 1, 0).reshape(height * width * channels, -1)


# Dense layers that follow a feature map -> the layer that flattens it.
_FLATTENED = {
    "dense6": "flatten",
    "auxiliary1_dense": "auxiliary1_flatten",
    "auxiliary2_dense": "auxiliary2_flatten",
}


def _refuse_mismatch(model, **found):
    """Raises if any of the lists holds names, and quotes at most three of each."""
    problems = [
        f"{what.replace('_', ' ')}: {', '.join(sorted(names)[:3])}{', ...' * (len(names) > 3)}"
        for what, names in found.items()
        if names
    ]
    if problems:
        raise ValueError("\n".join([f"`path` does not fit {model.name}:", *problems]))

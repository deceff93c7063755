"""Loading PyTorch's weights: names, shapes, files.

The comparison with PyTorch itself is in test_models_torch.py, which needs PyTorch.
"""

import pickle
import zipfile

import keras
import numpy as np
import pytest

from keras_freq import models
from keras_freq.models.torch_weights import _torch_names, read_state


@pytest.fixture(scope="module")
def resnet():
    return models.ResNet18((32, 32, 3), 5, stem="small")


@pytest.fixture(scope="module")
def resnet_state():
    """A state dict for `resnet`, written from PyTorch's definition of the network."""
    rng = np.random.default_rng(0)
    state = {}

    def conv(name, n_out, n_in, size):
        state[f"{name}.weight"] = rng.normal(0, 0.1, (n_out, n_in, size, size))

    def norm(name, channels):
        for suffix in ("weight", "bias", "running_mean"):
            state[f"{name}.{suffix}"] = rng.normal(0, 0.1, channels)
        state[f"{name}.running_var"] = rng.uniform(0.5, 1.5, channels)
        state[f"{name}.num_batches_tracked"] = np.array(7)

    conv("conv1", 64, 3, 3)
    norm("bn1", 64)
    n_in = 64
    for stage, width in enumerate((64, 128, 256, 512), start=1):
        for i in range(2):
            conv(f"layer{stage}.{i}.conv1", width, n_in, 3)
            norm(f"layer{stage}.{i}.bn1", width)
            conv(f"layer{stage}.{i}.conv2", width, width, 3)
            norm(f"layer{stage}.{i}.bn2", width)
            if n_in != width:
                conv(f"layer{stage}.{i}.downsample.0", width, n_in, 1)
                norm(f"layer{stage}.{i}.downsample.1", width)
            n_in = width
    state["fc.weight"], state["fc.bias"] = rng.normal(0, 0.1, (5, 512)), rng.normal(0, 0.1, 5)
    return {k: v.astype("float32") if v.ndim else v for k, v in state.items()}


@pytest.mark.parametrize(
    "prefix", ["module.", "_orig_mod.", "model.", "module._orig_mod.", "net.backbone."]
)
def test_the_prefixes_of_wrappers_are_left_out(prefix, resnet, resnet_state, tmp_path):
    path = tmp_path / "weights.npz"
    wrapped = {f"{prefix}{key}": value + 1 for key, value in resnet_state.items()}
    np.savez(path, **wrapped, **({"n_averaged": np.array(3)} if prefix == "module." else {}))
    models.load_torch_weights(resnet, path)
    kernel, bias = resnet.get_layer("logits").get_weights()
    np.testing.assert_array_equal(kernel, resnet_state["fc.weight"].T + 1)
    np.testing.assert_array_equal(bias, resnet_state["fc.bias"] + 1)


def test_every_weight_lands_where_its_name_says(resnet, resnet_state, tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, **resnet_state)
    assert models.load_torch_weights(resnet, path) is resnet

    kernel, bias = resnet.get_layer("logits").get_weights()
    np.testing.assert_array_equal(kernel, resnet_state["fc.weight"].T)
    np.testing.assert_array_equal(bias, resnet_state["fc.bias"])
    (kernel,) = resnet.get_layer("layer2_0_downsample_conv").get_weights()
    np.testing.assert_array_equal(
        kernel[0, 0].T, resnet_state["layer2.0.downsample.0.weight"][..., 0, 0]
    )
    normed = resnet.get_layer("layer4_1_bn2").get_weights()
    for value, suffix in zip(
        normed, ("weight", "bias", "running_mean", "running_var"), strict=True
    ):
        np.testing.assert_array_equal(value, resnet_state[f"layer4.1.bn2.{suffix}"])


def test_safetensors_and_npz_are_the_same(resnet_state, tmp_path):
    save_file = pytest.importorskip("safetensors.numpy").save_file
    save_file(resnet_state, tmp_path / "weights.safetensors")
    read = read_state(tmp_path / "weights.safetensors")
    assert read.keys() == resnet_state.keys()
    for key, value in read.items():
        np.testing.assert_array_equal(value, resnet_state[key])


@pytest.mark.parametrize("first", [b"\x80", b"PK"])
def test_safetensors_whose_header_begins_like_another_format(first, tmp_path):
    save_file = pytest.importorskip("safetensors.numpy").save_file
    path = tmp_path / "weights.safetensors"
    values = np.arange(3, dtype="float32")
    save_file({"a": values}, path)
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    # Blanks may fill the header up to any length.
    wanted = next(
        n
        for n in range(length, length + 70000)
        if n.to_bytes(8, "little")[:2][: len(first)] == first
    )
    header = whole[8 : 8 + length] + b" " * (wanted - length)
    path.write_bytes(wanted.to_bytes(8, "little") + header + whole[8 + length :])
    np.testing.assert_array_equal(read_state(path)["a"], values)


def test_nothing_is_set_unless_everything_fits(resnet, resnet_state, tmp_path):
    before = [np.array(w) for w in resnet.get_weights()]
    broken = dict(resnet_state)
    del broken["layer1.0.conv1.weight"]
    broken["fc.weight"] = np.zeros((1000, 512), "float32")
    broken["extra.weight"] = np.zeros(3)
    np.savez(tmp_path / "broken.npz", **broken)
    with pytest.raises(ValueError) as error:
        models.load_torch_weights(resnet, tmp_path / "broken.npz")
    message = str(error.value)
    assert "missing: layer1.0.conv1.weight" in message
    assert "not in the model: extra.weight" in message
    assert "fc.weight (1000, 512) cannot become logits (512, 5)" in message
    for new, old in zip(resnet.get_weights(), before, strict=True):
        np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize("kind", ["bare", "zipped"])
def test_a_pickle_is_refused_unopened(resnet, tmp_path, kind):
    """Both of PyTorch's formats; opening this one would create a file."""

    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "opened"), "w"))

    path = tmp_path / "weights.npz"
    if kind == "bare":
        path.write_bytes(pickle.dumps(Trap()))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Trap()))
    with pytest.raises(ValueError, match=r"is a pickle[\s\S]*save_file"):
        models.load_torch_weights(resnet, path)
    assert not (tmp_path / "opened").exists()


def test_other_files_and_models_are_refused(resnet, tmp_path):
    with pytest.raises(FileNotFoundError, match="`path` must be a file"):
        models.load_torch_weights(resnet, tmp_path / "nowhere.npz")
    (tmp_path / "text.npz").write_text("not weights at all")
    with pytest.raises(ValueError, match=r"must be a .safetensors or .npz"):
        models.load_torch_weights(resnet, tmp_path / "text.npz")
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="mine")
    with pytest.raises(ValueError, match="`model` must be an AlexNet"):
        models.load_torch_weights(other, tmp_path / "text.npz")


def test_names_of_vgg_count_every_layer():
    """The first and last names of PyTorch's published vgg16, vgg19 and their BatchNorm forms."""
    vgg16 = _torch_names(models.VGG16((32, 32, 3), 2, head="gap"))
    assert (vgg16["conv1_1"], vgg16["conv5_3"]) == ("features.0", "features.28")
    vgg16_bn = _torch_names(models.VGG16((32, 32, 3), 2, head="gap", batch_norm=True))
    assert (vgg16_bn["conv1_1_bn"], vgg16_bn["conv5_3"]) == ("features.1", "features.40")
    vgg19 = _torch_names(models.VGG19((32, 32, 3), 2, head="gap"))
    assert vgg19["conv5_4"] == "features.34"

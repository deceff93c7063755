"""Our models with a PyTorch model's random weights give PyTorch's logits.

This needs PyTorch, which the project does not depend on: without it the tests are skipped.
"""

import os
import subprocess
import sys

import numpy as np
import pytest

from keras_freq import models
from keras_freq.models import shared_layers

torch = pytest.importorskip("torch")

from pytorch_networks import (  # noqa: E402
    VGG,
    VGG16,
    VGG19,
    AggregatedBlock,
    AlexNet,
    BasicBlock,
    GoogLeNet,
    ResNet,
    randomized,
)

LOGITS = {"classifier_activation": None}

# Sizes at which the first dense layer sees more than one cell, odd maps among them; the full 224
# is as good a test and takes longer.
CASES = {
    "AlexNet": (
        lambda: AlexNet(7, cells=6),
        lambda: models.AlexNet((127, 95, 3), 7, **LOGITS),
    ),
    "VGG16": (
        lambda: VGG(VGG16, 7, cells=2, batch_norm=False),
        lambda: models.VGG16((64, 32, 3), 7, **LOGITS),
    ),
    "VGG19 with BatchNorm": (
        lambda: VGG(VGG19, 7, cells=2, batch_norm=True),
        lambda: models.VGG19((32, 64, 3), 7, batch_norm=True, **LOGITS),
    ),
    "ResNet18": (
        lambda: ResNet(BasicBlock, (2, 2, 2, 2), 7),
        lambda: models.ResNet18((75, 64, 3), 7, **LOGITS),
    ),
    "ResNet34": (
        lambda: ResNet(BasicBlock, (3, 4, 6, 3), 7),
        lambda: models.ResNet34((64, 64, 3), 7, **LOGITS),
    ),
    "ResNeXt50": (
        lambda: ResNet(AggregatedBlock, (3, 4, 6, 3), 7),
        lambda: models.ResNeXt50((64, 75, 3), 7, **LOGITS),
    ),
    "GoogLeNet": (
        lambda: GoogLeNet(7),
        lambda: models.GoogLeNet((97, 90, 3), 7, torchvision=True, **LOGITS),
    ),
    "GoogLeNet with auxiliary classifiers": (
        lambda: GoogLeNet(7),
        lambda: models.GoogLeNet((97, 90, 3), 7, torchvision=True, auxiliary=True, **LOGITS),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_logits_are_pytorchs(case, tmp_path):
    build_theirs, build_ours = CASES[case]
    theirs, ours = randomized(build_theirs()), build_ours()
    images = np.random.default_rng(1).uniform(size=(2, *ours.input_shape[1:])).astype("float32")
    path = tmp_path / "weights.npz"
    np.savez(path, **{name: value.numpy() for name, value in theirs.state_dict().items()})
    models.load_torch_weights(ours, path)

    mean, std = shared_layers.IMAGENET_MEAN, shared_layers.IMAGENET_STD
    if case.startswith("GoogLeNet"):
        mean = std = 0.5
    normalized = ((images - mean) / std).astype("float32").transpose(0, 3, 1, 2)
    with torch.no_grad():
        expected = theirs(torch.from_numpy(normalized))
    received = ours(images)
    if case.startswith("GoogLeNet") and "auxiliary" not in case:
        expected = expected[0]
    if not isinstance(received, list):
        expected, received = [expected], [received]
    for a, b in zip(received, expected, strict=True):
        scale = float(b.abs().max())
        assert scale > 1e-3
        np.testing.assert_allclose(a, b.numpy(), rtol=0, atol=1e-4 * max(1.0, scale))


def test_parameters_are_torchvisions():
    """The published sizes, of the networks as written here: the other half of the comparison."""
    sizes = {
        61_100_840: lambda: AlexNet(1000, 36),
        138_357_544: lambda: VGG(VGG16, 1000, 49, False),
        11_689_512: lambda: ResNet(BasicBlock, (2, 2, 2, 2), 1000),
        21_797_672: lambda: ResNet(BasicBlock, (3, 4, 6, 3), 1000),
        25_028_904: lambda: ResNet(AggregatedBlock, (3, 4, 6, 3), 1000),
        13_004_888: lambda: GoogLeNet(1000),
    }
    with torch.device("meta"):
        for size, build in sizes.items():
            assert sum(p.numel() for p in build().parameters()) == size


def test_models_run_on_keras_torch_backend(tmp_path):
    """Models and dense prediction are written in `keras.ops`: the same numbers from PyTorch."""
    small = {
        "AlexNet2012": models.AlexNet2012((64, 64, 3), 4),  # groups and response normalisation
        "NiN": models.NiN((32, 32, 3), 4, stem="small"),
        "LeNet5": models.LeNet5((28, 28, 3)),
    }
    for name, model in small.items():
        images = np.random.default_rng(0).uniform(size=(2, *model.input_shape[1:]))
        model.save(tmp_path / f"{name}.keras")
        np.savez(tmp_path / f"{name}.npz", images=images.astype("float32"), scores=model(images))
    script = """
import sys, pathlib, keras, numpy as np, keras_freq.layers
from keras_freq import dense
assert keras.backend.backend() == "torch"
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    with np.load(path.with_suffix(".npz")) as saved:
        images = saved["images"]
        for scores in (model(images), dense.convolutionize(model)(images)[:, 0, 0]):
            scores = keras.ops.convert_to_numpy(scores)
            np.testing.assert_allclose(scores, saved["scores"], atol=1e-5)
    print(path.stem)
"""
    result = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        env={**os.environ, "KERAS_BACKEND": "torch"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.split() == sorted(small)

"""Each network is that of its source."""

import numpy as np
import pytest
from models_cases import build, images_for

from keras_freq import models


def test_alexnet2012_has_the_papers_maps_and_groups():
    model = models.AlexNet2012(num_classes=2)
    shapes = {x.name: x.output.shape[1:] for x in model.layers}
    assert shapes["conv1"] == (55, 55, 96)
    assert shapes["conv2"] == (27, 27, 256)
    assert shapes["pool5"] == (6, 6, 256)
    kernels = {x.name: x.kernel.shape for x in model.layers if hasattr(x, "kernel")}
    assert kernels["conv2"] == (5, 5, 48, 256)
    assert kernels["conv3"] == (3, 3, 256, 384)
    assert kernels["conv4"] == (3, 3, 192, 384)
    assert kernels["conv5"] == (3, 3, 192, 256)
    order = [x.name for x in model.layers]
    assert order.index("conv1") < order.index("lrn1") < order.index("pool1")
    ones = [x.name for x in model.layers if hasattr(x, "bias") and np.all(np.asarray(x.bias) == 1)]
    assert ones == ["conv2", "conv4", "conv5", "dense6", "dense7"]
    np.testing.assert_allclose(np.std(model.get_layer("dense6").kernel), 0.01, rtol=0.01)


def test_alexnet_flowers_is_the_replications_listing():
    model = build("AlexNetFlowers", input_shape=(224, 224, 3))
    order = [x.name for x in model.layers]
    assert order.index("conv1") < order.index("pool1") < order.index("lrn1")
    assert model.get_layer("conv1").output.shape[1:] == (54, 54, 96)
    layer = model.get_layer("lrn2")
    assert (layer.depth_radius, layer.bias, layer.alpha, layer.beta) == (5, 1.0, 1e-4, 0.75)


def test_vgg_variants(without_random_weights):
    # `test_every_builder.py` has the size of the other head.
    assert models.trainable_parameters(build("VGG16")) == 14_714_688 + 4 * 513
    with pytest.raises(ValueError, match="`head` must be one of 'fc', 'gap'"):
        build("VGG16", head="dense")


def test_nin_for_small_images(without_random_weights):
    model = models.NiN((32, 32, 3), 10, stem="small")
    assert models.trainable_parameters(model) == 966_986  # the authors' network for CIFAR-10
    assert models.NiN((7, 7, 3), 10, stem="small").output_shape == (None, 10)
    with pytest.raises(ValueError, match="at least 7 x 7"):
        models.NiN((6, 6, 3), 10, stem="small")
    with pytest.raises(ValueError, match="`stem` must be"):
        models.NiN(stem="large")


def test_stem_divides_by_four_or_by_one(without_random_weights):
    small, imagenet = build("ResNet18"), build("ResNet18", input_shape=(64, 64, 3), stem="imagenet")
    assert small.get_layer("layer1_0_relu2").output.shape[1:3] == (8, 8)
    assert imagenet.get_layer("layer1_0_relu2").output.shape[1:3] == (16, 16)
    with pytest.raises(ValueError, match="`stem` must be"):
        build("ResNet34", stem="large")
    assert models.ResNeXt50((8, 8, 3), 4, stem="small").output_shape == (None, 4)


@pytest.mark.parametrize(
    ("changes", "parameters", "smallest"),
    [
        ({"auxiliary": True}, 13_378_280, 79),
        ({"torchvision": True}, 6_624_904, 15),
        ({"torchvision": True, "auxiliary": True}, 13_004_888, 63),
    ],
)
def test_googlenet_variants(changes, parameters, smallest, without_random_weights):
    model = models.GoogLeNet(**changes)
    assert models.trainable_parameters(model) == parameters
    models.GoogLeNet((smallest, smallest, 3), 4, **changes)
    with pytest.raises(ValueError, match=f"at least {smallest} x {smallest}"):
        models.GoogLeNet((smallest - 1, smallest, 3), 4, **changes)


def test_googlenet_follows_the_papers_table(without_random_weights):
    model = models.GoogLeNet(num_classes=2)
    shapes = {x.name: x.output.shape[1:] for x in model.layers}
    table = {
        "conv1_conv": (112, 112, 64), "pool1": (56, 56, 64), "pool2": (28, 28, 192),
        "inception3a": (28, 28, 256), "inception3b": (28, 28, 480), "pool3": (14, 14, 480),
        "inception4a": (14, 14, 512), "inception4d": (14, 14, 528), "inception4e": (14, 14, 832),
        "pool4": (7, 7, 832), "inception5a": (7, 7, 832), "inception5b": (7, 7, 1024),
        "average": (1024,),
    }  # fmt: skip
    assert {name: shapes[name] for name in table} == table
    assert model.get_layer("lrn1").alpha_per_channel
    normed = models.GoogLeNet((64, 64, 3), 2, batch_norm=True)
    assert "lrn1" not in [x.name for x in normed.layers]
    assert normed.get_layer("conv1_bn").epsilon == 1e-5


def test_auxiliary_classifiers_train_with_weight_0_3():
    model = models.GoogLeNet((79, 79, 3), 3, auxiliary=True)
    images, labels = images_for(model), np.array([0, 2])
    model.compile(
        "sgd",
        ["sparse_categorical_crossentropy"] * 3,
        loss_weights=list(models.AUXILIARY_LOSS_WEIGHTS),
        jit_compile=False,
    )
    scores = [np.asarray(x, "float64") for x in model(images)]
    losses = [-np.log(x[[0, 1], labels]).mean() for x in scores]
    total = model.evaluate(images, [labels] * 3, verbose=0)[0]
    np.testing.assert_allclose(total, losses[0] + 0.3 * losses[1] + 0.3 * losses[2], rtol=1e-5)


def test_nin_names_its_form_for_small_images():
    with pytest.raises(ValueError, match=r'at least 67 x 67 pixels, or 7 x 7 with stem="small"'):
        models.NiN((32, 32, 3), 10)

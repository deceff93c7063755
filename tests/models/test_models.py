"""One contract for all builders, and what is special to each."""

import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_freq import models

# What the sources publish: trainable parameters of the default model, and multiply-adds in billions
# (PyTorch's tables of models; He et al. 2016 and Szegedy et al. 2015 for the other two).
PUBLISHED = {
    "LeNet5": (44_426, None),
    "AlexNet": (61_100_840, 0.71),
    "AlexNet2012": (60_965_224, None),
    "AlexNetFlowers": (46_767_493, None),
    "AlexNetSmall": (None, None),
    "VGG16": (138_357_544, 15.47),
    "VGG19": (143_667_240, 19.63),
    "NiN": (None, None),
    "GoogLeNet": (6_998_552, 1.58),
    "ResNet18": (11_689_512, 1.81),
    "ResNet34": (21_797_672, 3.66),
    "ResNet50": (25_583_592, 3.86),
    "ResNeXt50": (25_028_904, 4.23),
}

# Arguments that keep each small: the smallest image, ten classes or fewer.
SMALL = {
    "LeNet5": {"input_shape": (16, 16, 1)},
    "AlexNet": {"input_shape": (63, 63, 3)},
    "AlexNet2012": {"input_shape": (64, 64, 3)},
    "AlexNetFlowers": {"input_shape": (67, 67, 3)},
    "AlexNetSmall": {"input_shape": (15, 15, 3)},
    "VGG16": {"input_shape": (32, 32, 3), "head": "gap"},
    "VGG19": {"input_shape": (32, 32, 3), "head": "gap", "batch_norm": True},
    "NiN": {"input_shape": (67, 67, 3)},
    "GoogLeNet": {"input_shape": (31, 31, 3)},
    "ResNet18": {"input_shape": (8, 8, 3), "stem": "small"},
    "ResNet34": {"input_shape": (32, 32, 3)},
    "ResNet50": {"input_shape": (32, 32, 3)},
    "ResNeXt50": {"input_shape": (32, 32, 3)},
}
NAMES = list(PUBLISHED)


def build(builder, **changes):
    return getattr(models, builder)(**{"num_classes": 4, **SMALL[builder], **changes})


@pytest.fixture(scope="module")
def small():
    """Each builder's model at its smallest, built when first asked for."""
    built = {}

    def get(name):
        if name not in built:
            keras.utils.set_random_seed(0)
            built[name] = build(name)
        return built[name]

    return get


def images_for(model, count=2, seed=0):
    return (
        np.random.default_rng(seed).uniform(size=(count, *model.input_shape[1:])).astype("float32")
    )


# The contract.


def test_the_table_covers_every_builder():
    builders = {name for name in models.__all__ if name[0].isupper()} - {"AUXILIARY_LOSS_WEIGHTS"}
    assert builders == set(NAMES) == {row["name"] for row in models.describe()}


@pytest.mark.parametrize("name", NAMES)
def test_default_model_has_the_published_size(name):
    model = getattr(models, name)()
    row = next(row for row in models.describe() if row["name"] == name)
    assert model.name == name
    assert model.input_shape == (None, *row["input"])
    assert model.output_shape == (None, row["classes"])
    assert models.trainable_parameters(model) == row["parameters"]
    assert models.multiply_adds(model) == row["multiply_adds"]
    parameters, billions = PUBLISHED[name]
    if parameters:
        assert row["parameters"] == parameters
    if billions:
        assert round(row["multiply_adds"] / 1e9, 2) == billions


@pytest.mark.parametrize("name", NAMES)
def test_softmax_over_logits(name, small):
    model = small(name)
    images = images_for(model)
    scores = model(images).numpy()
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    assert scores.std() > 0
    assert model.layers[-1].name == "predictions"
    logits = keras.Model(model.input, model.get_layer("logits").output)
    np.testing.assert_allclose(keras.ops.softmax(logits(images)), scores, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_a_size_too_small_is_refused(name):
    smallest, _, channels = SMALL[name]["input_shape"]
    for shape in ((smallest - 1, smallest, channels), (smallest, smallest - 1, channels)):
        with pytest.raises(ValueError, match=f"at least {smallest} x {smallest} pixels"):
            build(name, input_shape=shape)


@pytest.mark.parametrize("name", NAMES)
def test_another_size_without_softmax_and_with_weight_decay(name, small):
    smallest, _, channels = SMALL[name]["input_shape"]
    shape = (smallest + 9, smallest + 4, channels)
    options = {"classifier_activation": None, "weight_decay": 0.02, "name": "mine"}
    model = build(name, input_shape=shape, **options)
    assert model.name == "mine"
    assert model.input_shape == (None, *shape)
    assert model.output_shape == (None, 4)

    # A layer that nobody named would have another number in this second model.
    names = [layer.name for layer in model.layers]
    assert [*names, "predictions"] == [layer.name for layer in small(name).layers]
    assert names[-1] == "logits"
    assert (names[1] == "normalization") == (name != "AlexNetFlowers")

    with_kernel = [layer for layer in model.layers if hasattr(layer, "kernel")]
    expected = sum(0.01 * float(keras.ops.sum(layer.kernel**2)) for layer in with_kernel)
    np.testing.assert_allclose(float(sum(model.losses)), expected, rtol=1e-5)
    for layer in with_kernel:  # so that a saved model keeps it
        assert layer.get_config()["kernel_regularizer"]["config"]["l2"] == 0.01
    assert not small(name).losses


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("ResNe")])
def test_the_smallest_size_is_that_of_the_layers(name, monkeypatch):
    """Without our own check, Keras fails one pixel below. ResNets pad everything, and never do."""
    smallest, _, channels = SMALL[name]["input_shape"]
    module = sys.modules[getattr(models, name).__module__]
    monkeypatch.setattr(module, "check_arguments", lambda *args, **kwargs: None)
    with pytest.raises(ValueError):
        build(name, input_shape=(smallest - 1, smallest - 1, channels))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_shape": (32, 32)}, r"`input_shape` must be \(height, width, channels\)"),
        ({"input_shape": (256, 256, None)}, r"`input_shape\[2\]` must be an integer >= 1"),
        ({"num_classes": 0}, "`num_classes` must be an integer >= 1"),
        ({"num_classes": 2.0}, "`num_classes` must be an integer >= 1"),
        ({"mean": (0.5, 0.5)}, "`mean` must be a number, or one value for each of the"),
        ({"std": 0}, "`std` must be > 0"),
        ({"weight_decay": -1}, "`weight_decay` must be a number, from 0"),
    ],
)
def test_bad_arguments_are_refused(name, changes, message):
    with pytest.raises(ValueError, match=message):
        build(name, **changes)


def test_images_that_are_not_rgb_are_normalised_by_the_average():
    (rescaling,) = (
        layer
        for layer in models.ResNet18((32, 32, 1), 4, stem="small").layers
        if layer.name == "normalization"
    )
    mean, std = (0.485 + 0.456 + 0.406) / 3, (0.229 + 0.224 + 0.225) / 3
    np.testing.assert_allclose(rescaling(np.full((1, 1, 1, 1), 0.9)), (0.9 - mean) / std, rtol=1e-6)
    with pytest.raises(ValueError, match="one value for each of the 1 channels"):
        models.ResNet18((32, 32, 1), 4, mean=(0.1, 0.2, 0.3))


# One of each kind of layer and block; the long form takes them all.
RELOADED = ["LeNet5", "AlexNet2012", "VGG16", "NiN", "GoogLeNet", "ResNet18", "ResNet50"]


@pytest.mark.parametrize("names", [RELOADED, pytest.param(NAMES, marks=pytest.mark.slow)])
def test_reloads_in_a_fresh_process(names, small, tmp_path):
    """All in one process, since starting TensorFlow takes longer than the rest."""
    for name in names:
        model = small(name)
        model.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.npy", model(images_for(model)))
    script = """
import sys, pathlib, keras, numpy as np, keras_freq.layers
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    images = np.random.default_rng(0).uniform(size=(2, *model.input_shape[1:])).astype("float32")
    np.testing.assert_allclose(
        model(images), np.load(path.with_suffix(".npy")), rtol=1e-5, atol=1e-6, err_msg=path.stem
    )
    print(path.stem)
"""
    result = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.split() == sorted(names)


def test_listing_the_models_loads_no_tensorflow():
    script = (
        "import sys, keras_freq.models as m; m.describe(); dir(m); "
        "assert not {'keras', 'tensorflow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


# What the builders have in common.


def test_normalization_is_inside():
    images = np.random.default_rng(0).uniform(size=(2, 32, 32, 3)).astype("float32")
    mean, std = np.array([0.4, 0.5, 0.6]), np.array([0.1, 0.2, 0.3])
    inside = models.AlexNetSmall(mean=tuple(mean), std=list(std))
    outside = models.AlexNetSmall(mean=None, std=None)
    outside.set_weights(inside.get_weights())
    assert inside.layers[1].name == "normalization"
    assert "normalization" not in [layer.name for layer in outside.layers]
    normalized = ((images - mean) / std).astype("float32")
    np.testing.assert_allclose(inside(images), outside(normalized), rtol=1e-4, atol=1e-6)


def test_width_scales_every_layer_but_the_last():
    plain, narrow = models.AlexNetSmall(), models.AlexNetSmall(width=0.25)
    assert models.trainable_parameters(plain) == 24_343_786
    filters, units = (24, 64, 96, 96, 64), (1024, 1024)
    inputs = (3, *filters[:-1])
    kernels = sum(9 * a * b for a, b in zip(inputs, filters, strict=True))
    dense = 4 * 64 * 1024 + 1024 + 1024 * 1024 + 1024 + 1024 * 10 + 10
    assert models.trainable_parameters(narrow) == kernels + 2 * sum(filters) + dense == 1_531_714
    assert [narrow.get_layer(f"dense{i}").units for i in (6, 7)] == list(units)
    assert models.AlexNetSmall((15, 15, 3), 2, width=1e-4).get_layer("conv1").filters == 1
    for width in (0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="`width` must be a factor, > 0"):
            models.AlexNetSmall(width=width)


@pytest.mark.parametrize("name", NAMES)
def test_batch_normalization_forgets_fast_enough(name, small):
    norms = [x for x in small(name).layers if isinstance(x, keras.layers.BatchNormalization)]
    assert all((norm.momentum, norm.epsilon) == (0.9, 1e-5) for norm in norms)
    assert bool(norms) == (name in ("AlexNetSmall", "VGG19") or name.startswith("ResNe"))


@pytest.mark.parametrize("name", ["AlexNet2012", "NiN", "AlexNetSmall"])
def test_mixed_precision_ends_in_float32(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build(name)
    finally:
        keras.config.set_dtype_policy(before)
    scores = model(images_for(model))
    assert scores.dtype == "float32"
    assert model.get_layer("logits").compute_dtype == "bfloat16"
    np.testing.assert_allclose(keras.ops.sum(scores, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", ["LeNet5", "AlexNetSmall"])
def test_learns_two_classes(name):
    """Dark and bright images are told apart after some steps on the same batch."""
    keras.utils.set_random_seed(0)
    model = build(name, num_classes=2, weight_decay=1e-4)
    images = images_for(model, 16) * 0.3
    labels = np.arange(16) % 2
    images[labels == 1] += 0.6
    adam = keras.optimizers.Adam(1e-3)
    model.compile(adam, "sparse_categorical_crossentropy", jit_compile=False)
    losses = [float(model.train_on_batch(images, labels)) for _ in range(12)]
    assert losses[-1] < 0.7 * losses[0]


def test_builders_that_pool_globally_take_any_size():
    for name in ("VGG16", "NiN", "GoogLeNet", "ResNet18"):
        model = build(name, input_shape=(None, None, 3))
        for side in (67, 70):
            assert model(np.zeros((1, side, side + 3, 3), "float32")).shape == (1, 4)
    with pytest.raises(ValueError, match="`input_shape` of VGG16 must give height and width"):
        models.VGG16((None, None, 3))
    with pytest.raises(ValueError, match=r"keras_freq\.convolutionize"):
        models.AlexNet((None, None, 3))


def test_channels_first_is_refused():
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="channels_last"):
            models.LeNet5()
    finally:
        keras.config.set_image_data_format("channels_last")


# What is special to each.


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


def test_vgg_variants():
    assert "dense6" in [x.name for x in models.VGG16((32, 32, 3), 4).layers]
    assert models.trainable_parameters(build("VGG16")) == 14_714_688 + 4 * 513
    with pytest.raises(ValueError, match="`head` must be one of 'fc', 'gap'"):
        build("VGG16", head="dense")


def test_nin_for_small_images():
    model = models.NiN((32, 32, 3), 10, stem="small")
    assert models.trainable_parameters(model) == 966_986  # the authors' network for CIFAR-10
    assert models.NiN((7, 7, 3), 10, stem="small").output_shape == (None, 10)
    with pytest.raises(ValueError, match="at least 7 x 7"):
        models.NiN((6, 6, 3), 10, stem="small")
    with pytest.raises(ValueError, match="`stem` must be"):
        models.NiN(stem="large")


def test_stem_divides_by_four_or_by_one():
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
def test_googlenet_variants(changes, parameters, smallest, monkeypatch):
    model = models.GoogLeNet(**changes)
    assert models.trainable_parameters(model) == parameters
    models.GoogLeNet((smallest, smallest, 3), 4, **changes)
    with pytest.raises(ValueError, match=f"at least {smallest} x {smallest}"):
        models.GoogLeNet((smallest - 1, smallest, 3), 4, **changes)


def test_googlenet_follows_the_papers_table():
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


# Blocks.


def test_residual_block_adds_its_input():
    inputs = keras.Input((6, 6, 16))
    model = keras.Model(inputs, models.residual_block(inputs, 16, name="b"))
    x = np.random.default_rng(0).normal(size=(1, 6, 6, 16)).astype("float32")
    model.get_layer("b_conv2").set_weights([np.zeros((3, 3, 16, 16))])
    np.testing.assert_allclose(model(x), np.maximum(x, 0), atol=1e-6)


def test_blocks_have_the_sources_parameters():
    """Fleuret's counts of the kernels: 73k and 1.2M, 70k for the bottleneck; ResNeXt's 70k."""

    def kernels(block, channels, **arguments):
        inputs = keras.Input((8, 8, channels))
        model = keras.Model(inputs, block(inputs, **arguments))
        return sum(int(np.prod(x.kernel.shape)) for x in model.layers if hasattr(x, "kernel"))

    assert kernels(models.residual_block, 64, filters=64) == 2 * 9 * 64 * 64
    assert kernels(models.residual_block, 256, filters=256) == 2 * 9 * 256 * 256
    bottleneck = 256 * 64 + 9 * 64 * 64 + 64 * 256
    assert kernels(models.bottleneck_block, 256, filters=64) == bottleneck
    aggregated = 256 * 128 + 32 * 9 * 4 * 4 + 128 * 256
    assert kernels(models.aggregated_block, 256, filters=64) == aggregated


def test_aggregated_block_is_a_sum_over_paths():
    """Xie et al., figure 3: (a) sum of 32 paths of width 4 equals (c) a grouped convolution."""
    inputs = keras.Input((5, 5, 256))
    model = keras.Model(inputs, models.aggregated_block(inputs, 64, name="b"))
    x = np.random.default_rng(0).normal(size=(1, 5, 5, 256)).astype("float32")
    first, grouped, last = (model.get_layer(f"b_conv{i}").kernel for i in (1, 2, 3))
    conv = keras.ops.conv
    hidden = model.get_layer("b_relu1").output
    between = keras.Model(inputs, [hidden, model.get_layer("b_conv2").output])(x)
    total = 0
    for path in range(32):
        channels = slice(4 * path, 4 * path + 4)
        y = conv(between[0][..., channels], grouped[..., channels], padding="same")
        total = total + conv(y, last[:, :, channels, :])
    np.testing.assert_allclose(total, conv(between[1], last), rtol=1e-3, atol=1e-4)
    assert first.shape == (1, 1, 256, 128)


def test_strided_convolutions_pad_both_sides_alike():
    """An impulse in the middle of an odd map stays in the middle."""
    inputs = keras.Input((9, 9, 1))
    from keras_freq.models.resnet import conv_bn

    model = keras.Model(inputs, conv_bn(inputs, 1, 3, 2, names=("c", "n")))
    model.get_layer("c").set_weights([np.ones((3, 3, 1, 1))])
    x = np.zeros((1, 9, 9, 1), "float32")
    x[0, 4, 4] = 1
    y = np.asarray(model(x))[0, :, :, 0]
    np.testing.assert_array_equal(y, y[::-1, ::-1])
    assert y[2, 2] == y.max() > 0


def test_inception_naive_keeps_the_channels_of_its_pool():
    inputs = keras.Input((7, 7, 5))
    model = keras.Model(inputs, models.inception_naive(inputs, (2, 3, 4), name="i"))
    x = np.random.default_rng(0).normal(size=(1, 7, 7, 5)).astype("float32")
    y = np.asarray(model(x))
    assert y.shape == (1, 7, 7, 14)
    np.testing.assert_allclose(y[0, 3, 3, 9:], x[0, 2:5, 2:5].max(axis=(0, 1)))


def test_mlp_convolution_is_a_perceptron_at_each_position():
    inputs = keras.Input((6, 6, 3))
    model = keras.Model(inputs, models.mlp_convolution(inputs, (8, 4), 3, padding="valid"))
    x = np.random.default_rng(0).normal(size=(1, 6, 6, 3)).astype("float32")
    (k1, b1), (k2, b2) = (layer.get_weights() for layer in model.layers[1:])
    patch = x[0, 1:4, 2:5].reshape(-1)
    hidden = np.maximum(patch @ k1.reshape(-1, 8) + b1, 0)
    expected = np.maximum(hidden @ k2[0, 0] + b2, 0)
    np.testing.assert_allclose(model(x)[0, 1, 2], expected, rtol=1e-4, atol=1e-5)


# Costs.


def test_multiply_adds_of_a_network_counted_by_hand():
    model = keras.Sequential(
        [
            keras.Input((10, 10, 4)),
            keras.Sequential(
                [
                    keras.Input((10, 10, 4)),
                    keras.layers.Conv2D(6, 3, groups=2),  # 8 x 8 positions, 2 channels a group
                    keras.layers.DepthwiseConv2D(3, strides=2),  # 3 x 3 positions
                ]
            ),
            keras.layers.SeparableConv2D(5, 2),  # 2 x 2 positions
            keras.layers.BatchNormalization(),
            keras.layers.Dense(7),  # on a map: at each position
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    expected = 64 * 9 * 2 * 6 + 9 * 9 * 6 + 4 * (4 * 6 + 6 * 5) + 4 * 5 * 7 + 28 * 3
    assert models.multiply_adds(model) == expected


def test_multiply_adds_refuses_what_it_cannot_count():
    with pytest.raises(ValueError, match="fixed input size"):
        models.multiply_adds(build("NiN", input_shape=(None, None, 3)))
    inputs = keras.Input((4, 3))
    attention = keras.layers.MultiHeadAttention(1, 2, name="attention")(inputs, inputs)
    with pytest.raises(ValueError, match="'attention'"):
        models.multiply_adds(keras.Model(inputs, attention))
    inputs, shared = keras.Input((4,)), keras.layers.Dense(4, name="shared")
    with pytest.raises(ValueError, match="'shared' more than once"):
        models.multiply_adds(keras.Model(inputs, shared(shared(inputs))))


# Diagrams.


@pytest.mark.parametrize("name", NAMES)
def test_plot_model_draws_every_builder(name, small, tmp_path):
    pytest.importorskip("pydot")
    if shutil.which("dot") is None:
        pytest.skip("the program `dot` of Graphviz is not installed")
    path = tmp_path / "model.png"
    # Graphviz 2.43 fails on the right-angled lines of a ResNeXt50 with shapes.
    keras.utils.plot_model(small(name), path, show_shapes=name != "ResNeXt50")
    assert path.stat().st_size > 1000


def test_nin_names_its_form_for_small_images():
    with pytest.raises(ValueError, match=r'at least 67 x 67 pixels, or 7 x 7 with stem="small"'):
        models.NiN((32, 32, 3), 10)


@pytest.mark.parametrize("name", ["LeNet5", "AlexNet", "AlexNet2012", "AlexNetFlowers"])
def test_every_layer_with_a_kernel_but_the_last_has_a_relu(name):
    model = build(name)
    kernels = [layer for layer in model.layers if hasattr(layer, "kernel")]
    assert [layer.activation.__name__ for layer in kernels[:-1]] == ["relu"] * (len(kernels) - 1)
    assert kernels[-1].activation.__name__ == "linear"


def test_the_small_alexnet_has_its_relus_after_normalisation():
    layers = build("AlexNetSmall").layers
    for first, second, third in zip(layers, layers[1:], layers[2:], strict=False):
        if isinstance(first, keras.layers.Conv2D):
            assert isinstance(second, keras.layers.BatchNormalization)
            assert isinstance(third, keras.layers.ReLU)


@pytest.mark.parametrize("name", ["AlexNet", "AlexNet2012", "AlexNetFlowers", "AlexNetSmall"])
def test_dropout_is_before_or_after_both_hidden_dense_layers(name):
    layers = build(name, dropout=0.3).layers
    rates = [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.3, 0.3]

"""Fully convolutional conversion, dense pooling, and predictions over several views."""

import subprocess
import sys

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import layers

from keras_freq import dense, fourier, models, plots
from keras_freq.layers import LocalResponseNormalization


def random_images(height, width, channels=3, count=1, seed=0):
    return (
        np.random.default_rng(seed).uniform(size=(count, height, width, channels)).astype("float32")
    )


def valid_classifier(size=24, head=()):
    """A small network without zero padding, whose map must equal the scores of cut-out windows."""
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((size, size, 3)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(12, 3, activation="relu"),
            LocalResponseNormalization(1, 1.0, 0.1),
            layers.MaxPooling2D(3, 2, name="last_pool"),
            *head,
        ],
        name="small",
    )


def fc_head():
    return [
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(16, "relu", bias_initializer="normal", name="hidden"),
        layers.BatchNormalization(axis=1),
        layers.Dense(5, bias_initializer="normal", name="logits"),
        layers.Softmax(),
    ]


def gap_head():
    return [layers.GlobalAveragePooling2D(), layers.Dense(5), layers.Activation("softmax")]


def crops(model, image, window, stride):
    """The scores of every window, cut out and classified one by one."""
    rows = (image.shape[1] - window) // stride + 1
    columns = (image.shape[2] - window) // stride + 1
    views = [
        image[0, i * stride : i * stride + window, j * stride : j * stride + window]
        for i in range(rows)
        for j in range(columns)
    ]
    return np.asarray(model(np.stack(views))).reshape(rows, columns, -1)


@pytest.mark.parametrize("head", [fc_head, gap_head])
def test_each_cell_is_the_score_of_its_window(head):
    """Both pools halve, so that the windows of 24 pixels are 4 pixels apart."""
    model = valid_classifier(head=head())
    randomize_statistics(model)
    convolutional = dense.convolutionize(model)
    image = random_images(37, 45)
    expected = crops(model, image, window=24, stride=4)
    np.testing.assert_allclose(convolutional(image)[0], expected, atol=1e-5)
    assert expected.std() > 1e-3


def randomize_statistics(model):
    rng = np.random.default_rng(3)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.weights])


BUILDERS = {
    "LeNet5": lambda: models.LeNet5((28, 28, 3)),
    "AlexNet": lambda: models.AlexNet((95, 127, 3), 4),
    "AlexNet2012": lambda: models.AlexNet2012((96, 96, 3), 4),
    "AlexNetSmall": lambda: models.AlexNetSmall((32, 32, 3), 4),
    "VGG16 fc": lambda: models.VGG16((64, 32, 3), 4),
    "VGG16 gap": lambda: models.VGG16((64, 64, 3), 4, head="gap", batch_norm=True),
    "NiN": lambda: models.NiN((99, 99, 3), 4),
    "GoogLeNet auxiliary": lambda: models.GoogLeNet((79, 79, 3), 4, auxiliary=True),
    "ResNet18": lambda: models.ResNet18((32, 40, 3), 4, stem="small"),
    "ResNet50": lambda: models.ResNet50((64, 64, 3), 4),
    "ResNeXt50": lambda: models.ResNeXt50((64, 64, 3), 4, classifier_activation=None),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_equals_the_original_at_its_own_size(name):
    model = BUILDERS[name]()
    convolutional = dense.convolutionize(model)
    height, width = model.input_shape[1:3]
    image = random_images(height, width, count=2)
    expected, received = model(image), convolutional(image)
    for a, b in zip(keras.tree.flatten(received), keras.tree.flatten(expected), strict=True):
        assert a.shape == (2, 1, 1, b.shape[-1])
        np.testing.assert_allclose(a[:, 0, 0], b, rtol=1e-5, atol=1e-5)
    larger = keras.tree.flatten(convolutional(random_images(height + 40, width + 72)))[0]
    assert min(larger.shape[1:3]) > 1
    # It is a model of its own: the same number of weights, and no variable in common.
    assert convolutional.count_params() == model.count_params()
    ours = {id(w) for w in model.weights}
    assert not any(id(w) in ours for w in convolutional.weights)


def test_a_normalization_keeps_what_it_has_learned():
    images = 3 + 5 * random_images(8, 8, count=20)
    learned = layers.Normalization()
    learned.adapt(images)
    inside = keras.Sequential([keras.Input((8, 8, 3)), learned, layers.Conv2D(2, 3)])
    for parts in ([learned, layers.Conv2D(2, 3)], [inside]):
        model = keras.Sequential(
            [keras.Input((8, 8, 3)), *parts, layers.MaxPooling2D(2), layers.Flatten()]
        )
        model.add(layers.Dense(3))
        for convert in (dense.convolutionize, dense.dense_pooling):
            received = convert(model)(images)
            np.testing.assert_allclose(received[:, 0, 0], model(images), rtol=1e-4, atol=1e-5)


def test_names_input_shape_and_reloading(tmp_path):
    model = models.LeNet5()
    convolutional = dense.convolutionize(model, (40, 40, 1))
    assert convolutional.input_shape == (None, 40, 40, 1)
    assert convolutional.name == "LeNet5"
    assert [x.name for x in convolutional.layers] == [x.name for x in model.layers]
    assert convolutional.get_layer("dense3").kernel.shape == (4, 4, 16, 120)
    convolutional.save(tmp_path / "dense.keras")
    image = random_images(40, 40, 1)
    again = keras.models.load_model(tmp_path / "dense.keras")
    np.testing.assert_array_equal(again(image), convolutional(image))


def test_models_inside_models():
    """The usual form of a transferred network: a body, and a head of its own."""
    body = valid_classifier()
    head = keras.Sequential([keras.Input((4 * 4 * 12,)), *fc_head()[2:]], name="head")
    inputs = keras.Input((24, 24, 3))
    x = layers.Rescaling(2.0, -1.0)(inputs)
    x = layers.Flatten()(body(x))
    model = keras.Model(inputs, head(x))
    convolutional = dense.convolutionize(model)
    image = random_images(32, 40)
    expected = crops(model, image, window=24, stride=4)
    np.testing.assert_allclose(convolutional(image)[0], expected, atol=1e-5)

    whole = keras.Sequential([keras.Input((24, 24, 3)), valid_classifier(head=gap_head())])
    expected = crops(whole, image, window=24, stride=4)
    np.testing.assert_allclose(dense.convolutionize(whole)(image)[0], expected, atol=1e-5)


def test_flatten_by_reshape_and_operations():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3)(inputs * 2.0 - 1.0)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(5, 1)(x)
    model = keras.Model(inputs, layers.Softmax()(layers.Reshape((5,))(x)))
    image = random_images(11, 9)
    expected = crops(model, image, window=8, stride=1)
    np.testing.assert_allclose(dense.convolutionize(model)(image)[0], expected, atol=1e-5)


def test_networks_of_keras_applications():
    """The lines of the models' documentation run; what cannot be converted is named."""
    lines = [line[4:] for line in models.__doc__.splitlines() if line.startswith("    ")]
    scope = {"keras": keras}
    exec("\n".join(lines), scope)
    assert scope["model"].output_shape == (None, 10)
    with pytest.raises(ValueError, match="its layer 'block1a_se_reshape'"):
        dense.convolutionize(scope["model"])

    body = keras.applications.MobileNet(weights=None, classes=4, input_shape=(64, 64, 3))
    images = keras.Input((64, 64, 3))
    model = keras.Model(images, body(layers.Rescaling(255.0)(images)))
    convolutional = dense.convolutionize(model)
    image = random_images(64, 64)
    np.testing.assert_allclose(convolutional(image)[:, 0, 0], model(image), atol=1e-5)
    assert convolutional(random_images(96, 128)).shape == (1, 2, 3, 4)


def test_a_gate_over_the_whole_map_is_refused():
    """Squeeze-and-excitation scales each map by its mean, which has no window."""
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3)(inputs)
    gate = layers.Conv2D(4, 1, activation="sigmoid")(
        layers.GlobalAveragePooling2D(keepdims=True)(x)
    )
    x = layers.Multiply(name="excite")([x, gate])
    model = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    with pytest.raises(ValueError, match=r"'excite'.*joins what has been pooled"):
        dense.convolutionize(model)


def classifier_with(*middle):
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3), *middle])


@pytest.mark.parametrize(
    ("middle", "name"),
    [
        ([layers.Flatten(), layers.Reshape((8, 9), name="fold"), layers.Flatten()], "fold"),
        ([layers.Flatten(), layers.BatchNormalization(name="norm"), layers.Dense(2)], "norm"),
        ([layers.Flatten(), layers.Softmax(name="soft"), layers.Dense(2)], "soft"),
        ([layers.Flatten(), layers.Activation("softmax", name="soft")], "soft"),
        ([layers.Reshape((36, 2), name="rows"), layers.GlobalAveragePooling1D()], "rows"),
        ([layers.GroupNormalization(1, name="groups"), layers.Flatten()], "groups"),
        ([layers.Resizing(4, 4, name="resize"), layers.Flatten(), layers.Dense(2)], "resize"),
        ([layers.AdaptiveAveragePooling2D(2, name="adapt"), layers.Flatten()], "adapt"),
    ],
)
def test_what_cannot_be_converted_is_refused_by_name(middle, name):
    with pytest.raises(ValueError, match=f"cannot be made fully convolutional: its layer '{name}'"):
        dense.convolutionize(classifier_with(*middle))


def test_refusals_of_models_and_shapes():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(TypeError, match=r"functional keras\.Model or a built"):
        dense.convolutionize(Subclassed())
    with pytest.raises(TypeError, match=r"functional keras\.Model or a built"):
        dense.convolutionize(keras.Sequential([layers.Dense(2)]))
    with pytest.raises(ValueError, match=r"use \(None, None, 1\)"):
        dense.convolutionize(models.LeNet5())
    with pytest.raises(ValueError, match="must be"):
        dense.convolutionize(models.LeNet5(), 64)
    with pytest.raises(ValueError, match="must take images"):
        dense.convolutionize(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))
    pooled = models.ResNet18((None, None, 3), 4, stem="small")
    with pytest.raises(ValueError, match=r"'average'.*takes maps of any size"):
        dense.convolutionize(pooled)


# Dense pooling.


@pytest.mark.parametrize("head", [fc_head, gap_head])
def test_dense_pooling_is_overfeats_interleaving(head):
    """OverFeat by its own recipe: pool at each offset, classify, interleave."""
    model = valid_classifier(head=head())
    randomize_statistics(model)
    convolutional = dense.convolutionize(model)
    image = random_images(39, 45)

    names = [x.name for x in convolutional.layers]
    before = convolutional.layers[names.index("last_pool") - 1]
    below = keras.Model(convolutional.input, before.output)(image)
    received = dense.dense_pooling(model)(image)[0]
    expected = np.full(received.shape, np.nan)
    for top in range(2):
        for left in range(2):
            x = below[:, top:, left:]
            for layer in convolutional.layers[names.index("last_pool") :]:
                x = layer(x)
            expected[top::2, left::2] = x[0]
    np.testing.assert_allclose(received, expected, atol=1e-5)


def test_dense_pooling_refines_the_map():
    model = models.AlexNet((95, 95, 3), 4)
    convolutional, finer = dense.convolutionize(model), dense.dense_pooling(model)
    image = random_images(170, 210)
    coarse, fine = convolutional(image)[0], finer(image)[0]
    np.testing.assert_allclose(fine[::2, ::2], coarse, atol=1e-5)
    np.testing.assert_allclose(
        finer(random_images(95, 95))[0, 0, 0], model(random_images(95, 95))[0], atol=1e-5
    )
    assert dense.map_geometry(convolutional) == (95, 32)
    assert dense.map_geometry(finer) == (95, 16)
    # What `convolutionize` returned is taken as well.
    np.testing.assert_array_equal(dense.dense_pooling(convolutional)(image)[0], fine)


def test_dense_pooling_refusals():
    with pytest.raises(ValueError, match="must have a max-pool with a stride"):
        dense.dense_pooling(models.ResNet18((32, 32, 3), 4, stem="small"))
    with pytest.raises(ValueError, match="no dilated form: 'layer2_0_conv1'"):
        dense.dense_pooling(models.ResNet18((64, 64, 3), 4))
    with pytest.raises(ValueError, match="no dilated form: 'inception5a_pool'"):
        dense.dense_pooling(models.GoogLeNet((64, 64, 3), 4))
    padded = classifier_with(layers.MaxPooling2D(2, padding="same", name="pad"), layers.Flatten())
    with pytest.raises(ValueError, match="'pad' has padding"):
        dense.dense_pooling(padded)
    even = classifier_with(
        layers.MaxPooling2D(2), layers.Conv2D(4, 2, padding="same", name="even"), layers.Flatten()
    )
    with pytest.raises(ValueError, match=r"must not pad an even kernel.*'even'"):
        dense.dense_pooling(even)
    body = keras.Sequential([keras.Input((8, 8, 3)), layers.MaxPooling2D(2)], name="body")
    nested = keras.Sequential([keras.Input((8, 8, 3)), body, layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ValueError, match=r"outside of \['body'\].*build it in one graph"):
        dense.dense_pooling(nested)
    inputs = keras.Input((9, 9, 3))
    pooled, strided = layers.MaxPooling2D(3, 2)(inputs), layers.Conv2D(3, 3, strides=2)(inputs)
    joined = layers.Flatten()(layers.Concatenate(name="joined")([pooled, strided]))
    with pytest.raises(ValueError, match=r"must not have a path around.*'joined'"):
        dense.dense_pooling(keras.Model(inputs, layers.Dense(2)(joined)))


# Views.


def test_two_inputs_are_refused():
    first, second = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    outputs = layers.Dense(2)(layers.Flatten()(layers.Add()([first, second])))
    with pytest.raises(ValueError, match=r"`model` must have one input\. Received: 2 inputs"):
        dense.convolutionize(keras.Model([first, second], outputs))


def test_multiscale_is_the_mean_over_scales_of_the_mean_over_maps():
    model = dense.convolutionize(valid_classifier(head=fc_head()))
    image = random_images(40, 60)[0]
    received = dense.predict_multiscale(model, image, (24, 30, 50), flip=True)
    expected = []
    for scale, width in ((24, 36), (30, 45), (50, 75)):
        view = keras.ops.image.resize(image[None], (scale, width), antialias=True)
        for mirrored in (view, view[:, :, ::-1]):
            expected.append(np.asarray(model(mirrored)).mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(received, np.mean(expected, axis=0), rtol=1e-5)
    assert received.shape == (5,)


def test_multiscale_at_the_own_size_is_the_prediction():
    model = valid_classifier(head=fc_head())
    image = random_images(24, 24)
    received = dense.predict_multiscale(dense.convolutionize(model), image[0], [24])
    np.testing.assert_allclose(received, model(image)[0], atol=1e-6)
    pooled = models.NiN((None, None, 3), 4, stem="small")
    np.testing.assert_allclose(
        dense.predict_multiscale(pooled, image[0], [24]), pooled(image)[0], atol=1e-6
    )


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_scores_in_half_precision_are_averaged_in_float32(policy):
    keras.config.set_dtype_policy(policy)
    try:
        pooled = models.NiN((None, None, 3), 4, stem="small", classifier_activation=None)
        small = models.NiN((24, 24, 3), 4, stem="small", classifier_activation=None)
        constant = keras.Sequential(
            [keras.Input((None, None, 3)), layers.Conv2D(2, 1, kernel_initializer="zeros")]
        )
    finally:
        keras.config.set_dtype_policy("float32")
    constant.set_weights([np.zeros((1, 1, 3, 2)), np.ones(2)])
    # A sum of 600 ones in bfloat16 ends at 256.
    scores = dense.predict_multiscale(constant, random_images(20, 30)[0], [20])
    np.testing.assert_array_equal(scores, [1, 1])
    image = random_images(26, 26)
    scores = [
        dense.predict_multiscale(pooled, image[0], [26]),
        dense.predict_ten_crop(small, image),
    ]
    assert [one.dtype for one in scores] == ["float32", "float32"]


def test_ten_crops_by_hand():
    model = valid_classifier(head=fc_head())
    images = random_images(30, 34, count=3)
    views = []
    for top, left in ((0, 0), (0, 10), (6, 0), (6, 10), (3, 5)):
        crop = images[:, top : top + 24, left : left + 24]
        views += [crop, crop[:, :, ::-1]]
    expected = np.mean([model(view) for view in views], axis=0)
    received = dense.predict_ten_crop(model, images)
    assert received.shape == (3, 5)
    np.testing.assert_allclose(received, expected, atol=1e-6)


def test_refusals_of_views():
    model = valid_classifier(head=fc_head())
    convolutional = dense.convolutionize(model)
    image = random_images(40, 40)
    with pytest.raises(ValueError, match="`model` must take images of any size"):
        dense.predict_multiscale(model, image[0], [24])
    with pytest.raises(ValueError, match=r"`image` must be an array of real numbers of shape \(H, W, C\)"):
        dense.predict_multiscale(convolutional, image, [24])
    with pytest.raises(ValueError, match=r"smaller than the model's window\. Received: 12"):
        dense.predict_multiscale(convolutional, image[0], [24, 12])
    with pytest.raises(ValueError, match="`scales` must hold at least one"):
        dense.predict_multiscale(convolutional, image[0], [])
    with pytest.raises(ValueError, match="`model` must have a fixed input size"):
        dense.predict_ten_crop(convolutional, image)
    with pytest.raises(ValueError, match="at least 24 x 24"):
        dense.predict_ten_crop(model, random_images(20, 40))
    with pytest.raises(ValueError, match="`model` must give maps"):
        dense.map_geometry(model)
    with pytest.raises(ValueError, match="`model` must take images of any size"):
        dense.map_geometry(dense.convolutionize(model, (64, 64, 3)))


def test_windows_that_are_not_square_have_no_geometry():
    model = dense.convolutionize(models.AlexNet((63, 95, 3), 4))
    with pytest.raises(ValueError, match=r"must have square windows.*has 2 x 1 cells"):
        dense.map_geometry(model)


def test_map_geometry_is_where_the_cells_look():
    model = dense.convolutionize(valid_classifier(head=fc_head()))
    assert dense.map_geometry(model) == (24, 4)
    assert dense.map_geometry(dense.dense_pooling(model)) == (24, 2)
    assert dense.map_geometry(dense.convolutionize(models.AlexNet2012((96, 96, 3), 4))) == (96, 32)


# The plot.


def test_score_map_puts_each_cell_at_the_centre_of_its_window():
    scores = np.zeros((3, 5))
    scores[2, 1] = 1
    axes = plots.score_map(random_images(44, 60)[0], scores, geometry=(28, 8), class_name="a_$b$")
    drawn = axes.images[1]
    left, right, bottom, top = drawn.get_extent()
    # Pixel i reaches from i - 0.5 to i + 0.5; the first window is pixels 0 to 27.
    assert (left + 4, top + 4) == (13.5, 13.5)
    assert (right - left, bottom - top) == (5 * 8, 3 * 8)
    outline = axes.patches[0]
    assert (outline.get_x(), outline.get_y(), outline.get_width()) == (7.5, 15.5, 28)
    assert axes.get_title() == "a_$b$"
    assert not axes.title.get_parse_math()
    plt.close(axes.figure)


def test_score_map_without_geometry_covers_the_picture():
    axes = plots.score_map(random_images(44, 60, 1)[0], np.eye(4), limits=(0, 2))
    assert axes.images[1].get_extent() == [-0.5, 59.5, 43.5, -0.5]
    assert axes.images[1].get_clim() == (0, 2)
    assert not axes.patches
    plt.close(axes.figure)


def test_score_map_refusals():
    image = random_images(44, 60)[0]
    with pytest.raises(ValueError, match="3 windows of 28 pixels, 9 apart, do not fit into 44"):
        plots.score_map(image, np.zeros((3, 2)), geometry=(28, 9))
    with pytest.raises(ValueError, match="`image` must have 1 or 3 channels"):
        plots.score_map(image[..., :2], np.zeros((3, 2)))
    with pytest.raises(ValueError, match="`scores` must be an array"):
        plots.score_map(image, np.zeros(3))


def test_everything_reloads_in_a_fresh_process(tmp_path):
    keras.utils.set_random_seed(0)
    local = models.AlexNet2012((64, 64, 3), 4)
    inputs = keras.Input((64, 64, 3))
    filtered = fourier.FourierFilter(fourier.low_pass_mask(64, 8), neutral=0.5)(inputs)
    saved = {
        "convolutional": dense.convolutionize(local),
        "fine": dense.dense_pooling(valid_classifier(head=gap_head())),
        "filtered": keras.Model(inputs, filtered),
    }
    images = random_images(64, 64)
    for name, model in saved.items():
        model.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.npy", model(images))
    script = """
import sys, pathlib, keras, numpy as np, keras_freq.layers, keras_freq.fourier
images = np.random.default_rng(0).uniform(size=(1, 64, 64, 3)).astype("float32")
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    np.testing.assert_allclose(model(images), np.load(path.with_suffix(".npy")), atol=1e-5)
    print(path.stem)
"""
    result = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.split() == sorted(saved)

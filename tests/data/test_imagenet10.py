"""ImageNet-10 out of folders and TFDS: the right classes, in the study's order."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import keras_freq as kf

NAMES = [
    "airliner",
    "wagon",
    "humming bird",
    "Siamese cat",
    "ox",
    "golden retriever",
    "tailed frog",
    "zebra",
    "container ship",
    "trailer truck",
]


def write_class(folder, grey):
    """A class folder with one image of a single grey level."""
    folder.mkdir(parents=True)
    keras.utils.save_img(folder / "1.png", np.full((8, 8, 3), grey), scale=False)


def greys_of(dataset):
    """{label: grey level of its images}."""
    return {
        int(label): round(float(image.mean()) * 255)
        for images, labels in dataset.as_numpy_iterator()
        for image, label in zip(images, labels, strict=True)
    }


@pytest.fixture(scope="module")
def imagenet(tmp_path_factory):
    """A folder like ImageNet's, with classes that do not belong to the ten."""
    root = tmp_path_factory.mktemp("imagenet")
    for split, offset in (("train", 0), ("val", 100)):
        for label, wordnet_id in enumerate(kf.data.IMAGENET10):
            write_class(root / split / wordnet_id, offset + 10 * label)
        write_class(root / split / "n01440764", 255)
    return root


@pytest.mark.parametrize(("split", "offset"), [("train", 0), ("validation", 100)])
def test_the_ten_classes_of_a_full_folder(imagenet, split, offset):
    dataset = kf.data.imagenet10(imagenet, split=split, image_size=8)
    assert dataset.class_names == NAMES
    assert greys_of(dataset) == {label: offset + 10 * label for label in range(10)}


def test_folders_named_by_the_class(tmp_path):
    spellings = ["Airliner", "wagon", "humming_bird", "siamese-cat", "OX", "GoldenRetriever"]
    spellings += ["tailed frog", "zebra", "container ship", "trailer_truck"]
    for label, name in enumerate(spellings):
        write_class(tmp_path / name, 20 * label)
    dataset = kf.data.imagenet10(tmp_path, image_size=8)
    assert dataset.class_names == NAMES
    assert greys_of(dataset) == {label: 20 * label for label in range(10)}


def test_missing_classes_are_named(imagenet, tmp_path):
    write_class(tmp_path / "n02391049", 0)
    with pytest.raises(ValueError, match=r"Missing in .*: airliner \(n02690373\), wagon") as error:
        kf.data.imagenet10(tmp_path)
    assert "zebra" not in str(error.value)
    with pytest.raises(ValueError, match="no folder for the split 'validation'"):
        write_class(tmp_path / "train" / "n02391049", 0)
        kf.data.imagenet10(tmp_path, split="validation")
    with pytest.raises(ValueError, match="`split` must be one of 'train', 'validation'"):
        kf.data.imagenet10(imagenet, split="test")


def test_from_tfds(tmp_path):
    names = tfds.builder("imagenet2012", data_dir=tmp_path).info.features["label"].names
    wanted = [names.index(wordnet_id) for wordnet_id in kf.data.IMAGENET10]
    labels = [*wanted, 0, *wanted[::-1], 999]

    def as_dataset(self, **kwargs):
        pixels = [np.full((9, 9, 3), label % 251, np.uint8) for label in labels]
        encoded = [tf.io.encode_jpeg(image, quality=100).numpy() for image in pixels]
        return tf.data.Dataset.from_tensor_slices({"image": encoded, "label": np.array(labels)})

    with tfds.testing.mock_data(as_dataset_fn=as_dataset):
        dataset = kf.data.imagenet10(split="validation", image_size=8, batch_size=4)
        assert int(dataset.cardinality()) == 5
        greys = greys_of(dataset)
        count = sum(len(y) for _, y in dataset)
    assert dataset.class_names == NAMES
    assert count == 20
    assert greys == {label: wanted[label] % 251 for label in range(10)}


def test_classes_of_other_sets():
    with tfds.testing.mock_data(num_examples=20):
        options = {"image_size": 8, "classes": ["tulips", "daisy"]}
        picked = kf.data.tfds_dataset("tf_flowers", "train", **options)
        assert picked.class_names == ["tulips", "daisy"]
        assert {int(label) for _, labels in picked for label in labels} <= {0, 1}
        with pytest.raises(ValueError, match=r"`classes` must be at least two.*'tulips'"):
            options["classes"] = ["tulip", "daisy"]
            kf.data.tfds_dataset("tf_flowers", "train", **options)


def test_classes_of_a_folder(imagenet):
    dataset = kf.data.image_folder(
        imagenet / "train", image_size=8, classes=["n02391049", "n01440764"]
    )
    assert dataset.class_names == ["n02391049", "n01440764"]
    assert greys_of(dataset) == {0: 70, 1: 255}
    with pytest.raises(ValueError, match=r"`classes` must name class folders.*'dog'.*are missing"):
        kf.data.image_folder(imagenet / "train", image_size=8, classes=["n02391049", "dog"])
    for few in ([], ["n02391049"], ["n02391049", "n02391049"]):
        with pytest.raises(ValueError, match=r"`classes` must name at least two folders, each"):
            kf.data.image_folder(imagenet / "train", image_size=8, classes=few)

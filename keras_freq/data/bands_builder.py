"""The synthetic bands as a TFDS data set: `tfds.load("frequency_bands/b1")`."""

import dataclasses

import numpy as np
import tensorflow_datasets as tfds

from keras_freq.data.synthetic import CHANNELS, CLASS_NAMES, PER_CLASS, frequency_bands

_DESCRIPTION = """
Four synthetic classes of noise images whose frequencies are known by construction; see
`keras_freq.data.frequency_bands` for the recipe. The recipe of the data set published with the
paper is not public, and this one is ours.
"""

_CITATION = """
@inproceedings{wang2023frequency,
  title = {What do neural networks learn in image classification? A frequency shortcut perspective},
  author = {Wang, Shunxin and Veldhuis, Raymond and Brune, Christoph and Strisciuglio, Nicola},
  booktitle = {Proceedings of the IEEE/CVF International Conference on Computer Vision},
  year = {2023}
}
"""


@dataclasses.dataclass
class FrequencyBandsConfig(tfds.core.BuilderConfig):
    """One of the synthetic sets: the arguments of `frequency_bands`.

    Attributes:
        band: int, 1 to 4.
        size: int >= 16, the side of the images in pixels.
        seed: int >= 0.
        train_per_class: int > 0, training images of each class.
        test_per_class: int > 0, test images of each class.
    """

    band: int = 1
    size: int = 32
    seed: int = 0
    train_per_class: int = PER_CLASS["train"]
    test_per_class: int = PER_CLASS["test"]


class FrequencyBands(tfds.core.GeneratorBasedBuilder):
    """Builder of the synthetic bands, registered when `keras_freq.data` is imported.

    Nothing is downloaded: the images are drawn from the config's seed, and stored exactly, as
    float32, in the order of `keras_freq.data.frequency_bands` (the classes alternate; call
    `shuffle` to train).

    Example:
        >>> import keras_freq.data
        >>> import tensorflow_datasets as tfds
        >>> tfds.builder("frequency_bands/b4").info.features["label"].names
        ['C0', 'C1', 'C2', 'C3']
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "The first recipe."}  # noqa: RUF012 (TFDS asks for a plain attribute)
    BUILDER_CONFIGS = [  # noqa: RUF012
        FrequencyBandsConfig(
            name=f"b{band}", description=f"C3's energy lies in band {band} of 4.", band=band
        )
        for band in (1, 2, 3, 4)
    ]

    def _info(self):
        size = self.builder_config.size
        return self.dataset_info_from_configs(
            description=_DESCRIPTION,
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    # An Image feature would be stored as 8-bit PNG: raw bytes keep every bit.
                    "image": tfds.features.Tensor(
                        shape=(size, size, CHANNELS), dtype=np.float32, encoding="bytes"
                    ),
                    "label": tfds.features.ClassLabel(names=CLASS_NAMES),
                }
            ),
            supervised_keys=("image", "label"),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # nothing is downloaded
        config = self.builder_config
        return {
            "train": self._generate_examples("train", config.train_per_class),
            "test": self._generate_examples("test", config.test_per_class),
        }

    def _generate_examples(self, split, per_class):
        config = self.builder_config
        images, labels = frequency_bands(
            config.band, split=split, per_class=per_class, size=config.size, seed=config.seed
        )
        for index, (image, label) in enumerate(zip(images, labels, strict=True)):
            yield index, {"image": image, "label": int(label)}

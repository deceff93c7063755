"""The synthetic bands as a set of TensorFlow Datasets.

Importing this module registers their builder, for `tfds.load("frequency_bands/b1")`.
"""

import dataclasses

import numpy as np
import tensorflow_datasets as tfds

from keras_freq.data.synthetic_bands import CHANNELS, CLASS_NAMES, PER_CLASS, frequency_bands

_DESCRIPTION = """
Four synthetic classes of noise images whose frequencies are known by construction. The recipe is in
`keras_freq.data.frequency_bands`. It is ours, since that of the paper's data set is not public.
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
        band: Int, 1 to 4.
        size: Int >= 16, the side of the images in pixels.
        seed: Int >= 0.
        cues: What tells C0, as in `frequency_bands`.
        train_per_class: Int >= 1, training images of each class.
        validation_per_class: Int >= 1, validation images of each class.
        test_per_class: Int >= 1, test images of each class.
    """

    band: int = 1
    size: int = 32
    seed: int = 0
    cues: str = "planted"
    train_per_class: int = PER_CLASS["train"]
    validation_per_class: int = PER_CLASS["validation"]
    test_per_class: int = PER_CLASS["test"]


class FrequencyBands(tfds.core.GeneratorBasedBuilder):
    """Builder of the synthetic bands, registered when `keras_freq.data` is imported.

    Nothing is downloaded. The images are drawn from the config's seed, and stored exactly, as
    float32, in the order of `keras_freq.data.frequency_bands`. There the classes alternate: call
    `shuffle` to train.

    Example:
        >>> import keras_freq.data
        >>> import tensorflow_datasets as tfds
        >>> tfds.builder("frequency_bands/b4").info.features["label"].names
        ['C0', 'C1', 'C2', 'C3']
    """

    VERSION = tfds.core.Version("2.0.0")
    RELEASE_NOTES = {  # noqa: RUF012 (TFDS asks for a plain attribute)
        "2.0.0": "The cue alone tells C0 from C1 and C2; a validation split.",
        "1.0.0": "The first recipe, in which the energy of one band told C0.",
    }
    BUILDER_CONFIGS = [  # noqa: RUF012
        FrequencyBandsConfig(
            name=f"b{band}", description=f"C3's energy lies in band {band} of 4.", band=band
        )
        for band in (1, 2, 3, 4)
    ]

    def _info(self):
        shape = (self.builder_config.size, self.builder_config.size, CHANNELS)
        # An Image feature would be stored as 8-bit PNG: raw bytes keep every bit.
        image = tfds.features.Tensor(shape=shape, dtype=np.float32, encoding="bytes")
        label = tfds.features.ClassLabel(names=CLASS_NAMES)
        return self.dataset_info_from_configs(
            description=_DESCRIPTION,
            citation=_CITATION,
            features=tfds.features.FeaturesDict({"image": image, "label": label}),
            supervised_keys=("image", "label"),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # nothing is downloaded
        config = self.builder_config
        return {
            split: self._generate_examples(split, getattr(config, f"{split}_per_class"))
            for split in PER_CLASS
        }

    def _generate_examples(self, split, per_class):
        config = self.builder_config
        images, labels = frequency_bands(
            config.band,
            split=split,
            per_class=per_class,
            size=config.size,
            seed=config.seed,
            cues=config.cues,
        )
        for index, (image, label) in enumerate(zip(images, labels, strict=True)):
            yield index, {"image": image, "label": int(label)}

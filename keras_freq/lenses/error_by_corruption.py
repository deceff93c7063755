"""How often a model is wrong on corrupted images."""

import dataclasses

import pandas as pd

from keras_freq import checks
from keras_freq.augment import CORRUPTIONS, corrupt
from keras_freq.augment.corruptions import NOISES, SEVERITIES
from keras_freq.data import class_names_of
from keras_freq.data.batches import repeated
from keras_freq.data.statistics import dataset_statistics
from keras_freq.interventions import ChangedImages, count_answers, numbered_items
from keras_freq.lenses.paired_with_untouched import with_paired_test
from keras_freq.metrics.intervals import ratio_interval
from keras_freq.metrics.rates import ratio
from keras_freq.metrics.recall_rows import recall_rows

_COLUMNS = ["corruption", "severity", "class_id", "error", "error_low", "error_high"]
# The rows of the images as they are.
UNTOUCHED = "none"


def corruption_errors(
    model,
    dataset,
    num_classes,
    *,
    corruptions=CORRUPTIONS,
    severities=(1, 2, 3, 4, 5),
    benchmark="cifar",
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures the error of a model, of all images and by class, under common corruptions.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            twice, and must give the same images each time.
        num_classes: The number of classes K, at least 2.
        corruptions: Some of `keras_freq.augment.CORRUPTIONS`. Defaults to all nine. `"jpeg"` needs
            images of 1 or 3 channels.
        severities: Some of 1 to 5. Defaults to all.
        benchmark: Whose severities, "cifar" (32x32) or "imagenet" (224x224), as in
            `keras_freq.augment.corrupt`. Defaults to "cifar".
        seed: Int >= 0, decides the noise. Defaults to 0.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work, from which the same call goes on. Defaults to None.
        executor: A `concurrent.futures.Executor` that does the work. Defaults to None: this
            process.

    Returns:
        A pandas DataFrame, a row for each corruption, severity and class; first those of the
        untouched images.

        - `corruption`, `severity`: "none" and 0 for the untouched images.
        - `class_id`, `class_name`: the class; -1 and "all" for all images together.
        - `images`: the number of images.
        - `error`, `error_low`, `error_high`: the share of them that is not given its class, and its
          95 % Wilson interval. NaN without images.
        - `lost`, `won`, `p_value`, `p_holm`: the same images compared with the untouched ones, as
          in `filter_sweep`, corrected for all corruptions and severities.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or the model does not fit the images.

    Example:
        >>> import keras, numpy as np
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> options = {"corruptions": ["contrast"], "severities": [1, 5]}
        >>> errors = kf.corruption_errors(keras.Sequential(layers), data, 2, **options)
        >>> errors.loc[errors["class_id"] == -1, ["corruption", "severity"]].values.tolist()
        [['none', 0], ['contrast', 1], ['contrast', 5]]

    See Also:
        `mean_corruption_error`, which compares it with another model's;
        `keras_freq.plots.corruption_errors`, which draws it; `keras_freq.corruption_spectrum`.

    Source:
        D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common
        corruptions and perturbations", ICLR 2019. Nine of their corruptions, drawn anew.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    seed = checks.integer("seed", seed, least=0)
    corruptions = checks.some_of("corruptions", corruptions, CORRUPTIONS)
    severities = checks.some_of("severities", severities, range(1, 6))
    benchmark = checks.choice("benchmark", benchmark, tuple(SEVERITIES))
    dataset = repeated(dataset)
    class_names = class_names_of(dataset, class_names, num_classes)
    survey = dataset_statistics(dataset, num_classes)
    pairs = [(name, severity) for name in corruptions for severity in severities]
    changes = [None, *(Corruption(*pair, benchmark) for pair in pairs)]
    counts = count_answers(
        model,
        dataset,
        num_classes,
        ChangedImages(changes, seed),
        numbered_items(len(changes), images_first=True),
        paired_with=0,
        task="error by corruption",
        total=len(changes) * int(survey.counts.sum()),
        batch_size=batch_size,
        progress=progress,
        checkpoint=checkpoint,
        executor=executor,
    )
    conditions = [(UNTOUCHED, 0), *pairs]
    frames = [
        recall_rows(asked - right, asked, class_names, corruption=name, severity=severity)
        for (name, severity), right, asked in zip(
            conditions, counts["right"], counts["asked"], strict=True
        )
    ]
    table = pd.concat(frames, ignore_index=True)
    # What was counted are the wrong answers.
    table = table.rename(columns=lambda column: column.replace("recall", "error"))
    return with_paired_test(table, counts, [], untouched=0)


def mean_corruption_error(errors, reference):
    """Compares the errors of a model under corruptions with those of a reference model.

    Args:
        errors: The DataFrame of `corruption_errors`.
        reference: That of another model, with the same corruptions and severities.

    Returns:
        A pandas DataFrame, a row for each corruption, and "mean" last:

        - `error`, `reference_error`: the mean errors over the severities.
        - `ce`: their quotient, the corruption error. Below 1 is better than the reference. The row
          "mean" has its mean over the corruptions, the mCE.
        - `ce_low`, `ce_high`: its 95 % interval, from the intervals of both tables. It is rather
          too wide than too narrow: severities and corruptions are of the same images, so that their
          errors are taken to rise and fall together; those of the two models are not, though they
          may be of the same images as well. inf where the reference may make no error.
        - `relative_ce`: the quotient of how much the errors are above those of untouched images.

        NaN where the reference makes no error, or no more than on untouched images.

    Raises:
        TypeError: If one of them is no DataFrame.
        ValueError: If columns of `corruption_errors` are missing, or the two have other corruptions
            or severities.

    Example:
        >>> errors = pd.DataFrame(
        ...     {
        ...         "corruption": ["none", "jpeg", "jpeg"], "severity": [0, 1, 2], "class_id": -1,
        ...         "error": [0.1, 0.2, 0.4], "error_low": [0.1, 0.1, 0.3],
        ...         "error_high": [0.2, 0.3, 0.5],
        ...     }
        ... )
        >>> double = {name: 2 * errors[name] for name in ("error", "error_low", "error_high")}
        >>> found = mean_corruption_error(errors, errors.assign(**double))
        >>> found[["ce", "ce_low", "ce_high"]].round(2).values.tolist()
        [[0.5, 0.3, 0.82], [0.5, 0.3, 0.82]]

    Source:
        D. Hendrycks and T. Dietterich, ICLR 2019, in percent there, with AlexNet as the reference.
        Intervals of quotients from those of their parts: A. Donner and G. Zou, "Closed-form
        confidence intervals for functions of the normal mean and standard deviation", Statistical
        Methods in Medical Research 21 (2012).
    """
    means, untouched, pairs = {}, {}, {}
    values = ["error", "error_low", "error_high"]
    for name, table in (("errors", errors), ("reference", reference)):
        checks.table(name, table, _COLUMNS, "keras_freq.corruption_errors")
        of_all = table[table["class_id"] == -1]
        is_untouched = of_all["corruption"] == UNTOUCHED
        if not is_untouched.any() or is_untouched.all():
            raise ValueError(
                f"`{name}` must hold the rows of all images (class_id -1), of untouched ones and "
                "of corruptions. Received: other rows"
            )
        corrupted = of_all[~is_untouched]
        means[name] = corrupted.groupby("corruption", sort=False)[values].mean()
        untouched[name] = of_all.loc[is_untouched, "error"].iloc[0]
        pairs[name] = set(zip(corrupted["corruption"], corrupted["severity"], strict=True))
    if pairs["errors"] != pairs["reference"]:
        raise ValueError(
            "`reference` must hold the corruptions and severities of `errors`. "
            f"Received: {sorted(pairs['reference'])}"
        )
    own = means["errors"]
    reference = means["reference"].reindex(own.index)
    table = pd.DataFrame({"error": own["error"], "reference_error": reference["error"]})
    table["ce"] = ratio(table["error"], table["reference_error"])
    ends = ([one[name].to_numpy() for name in values] for one in (own, reference))
    table["ce_low"], table["ce_high"] = ratio_interval(*ends)
    above = table["error"] - untouched["errors"]
    reference_above = table["reference_error"] - untouched["reference"]
    table["relative_ce"] = ratio(above, reference_above.where(reference_above > 0, 0))
    table.loc["mean"] = table.mean(skipna=False)
    return table.rename_axis("corruption").reset_index()


@dataclasses.dataclass(frozen=True)
class Corruption:
    """One corruption at one severity, as `ChangedImages` takes it."""

    name: str
    severity: int
    benchmark: str

    @property
    def is_random(self):
        """Whether it draws."""
        return self.name in NOISES

    def __call__(self, images, *, seed):
        return corrupt(images, self.name, self.severity, seed=seed, benchmark=self.benchmark)

"""In which values a model gets its images in an examination: found out, or as the user says."""

import numpy as np
from scipy.stats import entropy

from keras_freq.classifier import adapt, check_inputs, check_model, input_finding
from keras_freq.classifier.model_check import check_input
from keras_freq.lab.config import ConfigError

# What a model is taken to want where it is right as often in several ways.
_USUAL = "0..1"


def choose_inputs(network, images, inputs, progress, **adapting):
    """Checks in which values a model takes its images.

    Returns:
        The table of `check_inputs`, the chosen inputs, and a sentence.

    Raises:
        ConfigError: If the model is no better than guessing in any convention, and none was given.
    """
    table = check_inputs(network, images, progress=progress, **adapting)
    if inputs is not None and inputs not in table["inputs"].tolist():  # a layer
        return table, inputs, f"Its images were prepared by {named(inputs)}."
    finding = input_finding(table, chosen=inputs)
    if inputs is None and finding.inputs is None:
        raise ConfigError(
            f"{finding.sentence} If that is right, say in which values it takes its images with "
            "`inputs` (--inputs)"
        )
    sentence, chosen = finding.sentence, finding.inputs if inputs is None else inputs
    if inputs is None and finding.tied:
        tied = table[table["inputs"].isin([finding.inputs, *finding.tied])]
        chosen = _of_tied(tied, network, images, adapting)
        loss = tied.set_index("inputs")["loss"]
        sentence += f" It was examined with {chosen}."
        if loss[chosen] == loss.min():
            sentence += f" Its loss is the least of these ({loss[chosen]:.3g} nats)."
        else:
            sentence += f" Its loss is {loss[chosen]:.3g} nats, and {loss.min():.3g} with "
            sentence += f"{loss.idxmin()}."
    return table, network if chosen == "preprocessor" else chosen, sentence


def check_shapes(network, source):
    """Raises if images of a `Source` come in a size that the model does not take."""
    for images in (source.searched, source.scored):
        if images.shape is not None:
            check_input(network, images.shape)


def check_adapted(adapted, images, finding):
    """Raises with what the input check found, if the model cannot take its images so."""
    try:
        check_model(adapted, images)
    except ValueError as error:
        raise ConfigError(f"{finding} It cannot be examined otherwise: {error}") from error


def _of_tied(tied, network, images, adapting):
    """Chooses one of several conventions in which a model is nearly as often right.

    It is that of the least loss: a model that gets other values than in its training is often right
    by chance, and then sure of what is wrong. If images in [0, 1] are right exactly as often as the
    best, they are what the model takes: many networks say the same to all multiples of an image,
    and are only surer of brighter ones. But then it must be sure of something in [0, 1].
    """
    usual = tied[(tied["inputs"] == _USUAL) & (tied["accuracy"] == tied["accuracy"].max())]
    classes = adapting.get("classes")
    number = max(2, network.output_shape[-1]) if classes is None else len(classes)
    if any(not _unsure(row.accuracy, row.loss, number) for row in usual.itertuples()) and (
        _takes_usual(network, images, adapting)
    ):
        return _USUAL
    return tied.loc[tied["loss"].idxmin(), "inputs"]


def _unsure(accuracy, loss, num_classes):
    """Whether a loss is too near to that of guessing for a trained model that is so often right.

    A model that is as sure as it is right, and takes what is wrong for equally likely, has a loss
    that depends on its accuracy alone. Three quarters of the way from there to guessing, and
    further, lies no trained model.
    """
    wrong = 1 - accuracy
    fair = entropy([accuracy, wrong]) + wrong * np.log(max(1, num_classes - 1))
    return loss > fair + 0.75 * (np.log(num_classes) - fair)


def _takes_usual(network, images, adapting):
    """Whether nothing in a model's graph speaks against images in [0, 1]."""
    images = images[0][:2]
    try:
        adapted = adapt(network, inputs=_USUAL, image_shape=images.shape[1:], **adapting)
        check_model(adapted, images)
    except ValueError:
        return False
    return True


def named(inputs):
    """Names the argument `inputs`."""
    return inputs if isinstance(inputs, str) else type(inputs).__name__

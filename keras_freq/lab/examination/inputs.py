"""In which values a model gets its images in an examination: found out, or as the user says."""

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
    best, they are what the model takes.
    """
    usual = tied.loc[tied["inputs"] == _USUAL, "accuracy"]
    if (usual == tied["accuracy"].max()).any() and _takes_usual(network, images, adapting):
        return _USUAL
    return tied.loc[tied["loss"].idxmin(), "inputs"]


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

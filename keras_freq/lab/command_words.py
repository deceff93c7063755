"""Messages in the words of the command line: `--on-error skip`, where Python says `on_error`."""

import re

# Arguments of `keras_freq.examine` that are options of the command, and those that are its words.
_FLAGS = {
    "out": "--out",
    "minutes": "--minutes",
    "inputs": "--inputs",
    "classes": "--classes",
    "modules": "--import",
    "from_logits": "--from-logits",
    "image_size": "--size",
    "resize": "--resize",
    "antialias": "--antialias",
    "on_error": "--on-error",
    "seed": "--seed",
}
_WORDS = {
    **{"model": "MODEL", "dataset": "DATA", "path": "DATA", "name": "DATA"},
    "search_dataset": "the training part of DATA",
}
# What the command cannot be told.
_ONLY_IN_PYTHON = (
    (r"say so with `classes=\[[^`]*\]`", "give them other names"),
    (r", or give all classes with `classes`", ""),
    (r", or choose the classes with `classes`", ""),
)
# Arguments of readers of images that are keys of the table `data` of an experiment file.
_DATA_KEYS = ("path", "classes", "image_size", "color_mode", "on_error", "data_dir")


def in_words_of(command, message):
    """Puts what Python's arguments are called in a message in the words of a command.

    Args:
        command: "examine" or "run"; messages of others stay as they are.
        message: The message.

    Returns:
        The message.

    Example:
        >>> in_words_of("examine", 'Repair `dataset`, or leave files out with `on_error="skip"`')
        'Repair DATA, or leave files out with --on-error skip'
        >>> in_words_of("run", 'Repair `path`, or leave files out with `on_error="skip"`')
        'Repair `data.path`, or leave files out with --set data.on_error=skip'
    """
    if command == "examine":
        return _for_examine(message)
    if command == "run":
        keys = "|".join(_DATA_KEYS)
        message = re.sub(r"`on_error=\"(\w+)\"`", r"--set data.on_error=\1", message)
        return re.sub(rf"`({keys})(=[^`]*)?`", r"`data.\1\2`", message)
    return message


def _for_examine(message):
    for pattern, words in _ONLY_IN_PYTHON:
        message = re.sub(pattern, words, message)
    # Some name both, as "`inputs` (--inputs)".
    message = re.sub(r"`\w+` \((--[\w-]+)\)", r"\1", message)
    message = re.sub(r"`\w+` \((--[\w-]+): ", r"\1 (", message)
    names = "|".join(_FLAGS)
    message = re.sub(rf"`({names})=([^`]*)`", _with_value, message)
    message = re.sub(rf"`({names})`", lambda found: _FLAGS[found[1]], message)
    message = re.sub(rf"\b({names})=(True|False)\b", _with_value, message)
    message = re.sub(rf"Received: ({names})=", lambda f: f"Received: {_FLAGS[f[1]]} ", message)
    return re.sub(rf"`({'|'.join(_WORDS)})`", lambda found: _WORDS[found[1]], message)


def _with_value(found):
    """Writes an argument with its value as an option."""
    flag, value = _FLAGS[found[1]], found[2].strip("'\"")
    if value in ("True", "False"):
        return flag if value == "True" else flag.replace("--", "--no-", 1)
    return f"{flag} {value}"

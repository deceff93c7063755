"""Whether a results folder holds the same examination, as far as that is known so far."""

import json

from keras_freq.lab.config import ConfigError
from keras_freq.lab.tables import read_json

FACTS = "examination.json"
_OPTIONS = {
    "inputs": "other values that the model takes (inputs)",
    "outputs": "other classes of the model's outputs",
    "from_logits": "another from_logits",
    "seed": "another seed",
}
_HASH_DIGITS = 8


def check_same_examination(folder, identity, names):
    """Raises if a folder holds the examination of another model, other images or other options.

    Args:
        folder: The results folder, which need not exist.
        identity: What is known of the examination to be made: some of the keys "model" and "images"
            (hashes), "inputs", "outputs", "from_logits" and "seed".
        names: What its "model" and its "data" are called.

    Raises:
        ConfigError: With everything that differs in words.
    """
    if not (folder / FACTS).exists():
        return
    facts = read_json(folder / FACTS)
    before, now = facts["identity"], json.loads(json.dumps(identity))
    differing = [key for key in now if before.get(key) != now[key]]
    told = []
    for key, name in (("model", "model"), ("images", "data")):
        if key in differing:
            called = facts["names"][name], names[name]
            told.append(_other(key, *called, before.get(key), now[key]))
    told += [
        f"{words} (there {_said(before.get(key))}, now {_said(now[key])})"
        for key, words in _OPTIONS.items()
        if key in differing
    ]
    if told:
        raise ConfigError(
            f"the output folder {folder} holds another examination: {'; '.join(told)}. Choose "
            "another folder with --out, or remove it"
        )


def _other(what, before_name, now_name, before, now):
    """Says which model or images are there, and which now."""
    one = "another model" if what == "model" else "other images"
    if before_name != now_name:
        return f"{one} (there {before_name}, now {now_name})"
    before, now = (str(digest)[:_HASH_DIGITS] for digest in (before, now))
    return f"{one} ({now_name}, which has changed since: hash {before} there, {now} now)"


def _said(value):
    """Writes an option's value; None is the default."""
    return "the default" if value is None else json.dumps(value)

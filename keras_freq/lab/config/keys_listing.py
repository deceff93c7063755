"""Every key of an experiment file with its range and default: what `keras-freq list keys` prints.

The list is read from the schema itself, so that it says exactly what is checked.
"""

import json
import re
import textwrap

from keras_freq.lab.config.experiment_schema import Experiment
from keras_freq.lab.config.transfer_schema import TransferExperiment

_WIDTH = 100
_KEY_WIDTH = 22
_BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
_TYPES = {"integer": "integer", "number": "number", "string": "text", "boolean": "true or false"}
_FILE = """The file itself. By default its name is that of the file.

A table [sweep] gives several values to keys, such as data.band = [1, 2]. Every combination is run.
"""


def key_lines():
    """Lists the keys: a block of lines for each table, in it a line for each key.

    Returns:
        A list of strings.

    Example:
        >>> [line.split(maxsplit=1) for line in key_lines() if line.startswith("  epochs")]
        [['epochs', 'integer >= 1 (optional)']]
    """
    lines = _blocks(Experiment)
    lines += ["", "A file with a [transfer] table is a transfer experiment, with these tables:"]
    return lines + _blocks(TransferExperiment, without=Experiment)


def _blocks(experiment, without=None):
    """Makes the blocks of one kind of file, except for the tables of another kind."""
    schema = experiment.model_json_schema()
    known = without.model_json_schema()["$defs"] if without else {}
    top = {key: value for key, value in schema["properties"].items() if value.get("type") in _TYPES}
    lines = [] if without else _block(_FILE, top, {})
    tables = (name for value in schema["properties"].values() for name in _tables_of(value))
    # Tables within tables, such as the splits of [transfer], come last.
    for name in dict.fromkeys([*tables, *schema["$defs"]]):
        table = schema["$defs"][name]
        if name not in known:
            lines += ["", *_block(table["description"], table["properties"], table)]
    return lines


def _tables_of(value):
    """Names the tables that a key of the file may hold."""
    if "$ref" in value:
        return [value["$ref"].rpartition("/")[2]]
    choices = value.get("oneOf") or value.get("additionalProperties", {}).get("oneOf", [])
    return [name for choice in choices for name in _tables_of(choice)]


def _block(description, properties, table):
    """Writes the description of a table and the lines of its keys."""
    paragraphs = description.replace("`", "").split("\n\n")
    lines = [line for paragraph in paragraphs for line in textwrap.wrap(paragraph, _WIDTH)]
    for name, value in properties.items():
        kind = _kind(value)
        if name in table.get("required", ()):
            kind += " (required)"
        elif "default_in_words" in value:
            kind += f" (default: {value['default_in_words']})"
        elif value.get("default") is None:
            kind += " (optional)"
        else:
            kind += f" (default {json.dumps(value['default'])})"
        head = f"  {name:{_KEY_WIDTH - 1}} "
        indent = " " * len(head)
        lines += textwrap.wrap(
            head + kind, _WIDTH, subsequent_indent=indent, break_on_hyphens=False
        )
    return lines


def _kind(value):
    """Says in words what a key may hold, such as "integer >= 1 or list of 2 integers >= 1"."""
    if "const" in value:
        return json.dumps(value["const"])
    if "enum" in value:
        return ", ".join(map(json.dumps, value["enum"]))
    for union in ("anyOf", "oneOf"):
        if union in value:
            kinds = [_kind(one) for one in value[union] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if value.get("type") == "array":
        length = value.get("minItems") if value.get("minItems") == value.get("maxItems") else None
        kind = re.sub(r"^(integer|number|text|table)", r"\1s", _kind(value["items"]))
        return f"list of {f'{length} ' if length else ''}{kind}"
    if value.get("type") in _TYPES:
        bounds = [f"{sign} {value[bound]:g}" for bound, sign in _BOUNDS.items() if bound in value]
        return " ".join([_TYPES[value["type"]], ", ".join(bounds)]).strip()
    return "table" if "$ref" in value or value.get("type") == "object" else "any value"

"""One clear line for each thing that is wrong with an experiment file."""

import contextlib
import json
from typing import get_args

from keras_freq import checks
from keras_freq.lab.config.data_schema import FolderData, Table

_LONGEST = 200  # characters of a value that are shown


class ConfigError(ValueError):
    """An experiment file or a folder that cannot be used; one line for each problem."""


def error_lines(validation_error, raw, root):
    """Turns pydantic's errors into lines that name the key, what was expected and what came.

    Args:
        validation_error: The `ValidationError` that pydantic raised.
        raw: The nested dict that was checked.
        root: The model of the whole file, `Experiment` or `TransferExperiment`.

    Returns:
        A string of one line for each error.
    """
    lines = [_line(error, raw, root) for error in validation_error.errors()]
    return "\n".join(dict.fromkeys(lines))


def _line(error, raw, root):
    """Writes the line of one error."""
    location, kind, context = error["loc"], error["type"], error.get("ctx", {})
    key = _key(location, raw, kind)
    # The key that decides which table this is, such as `data.source`.
    tag = ".".join(filter(None, [key, context.get("discriminator", "").strip("'")]))
    match kind:
        case "extra_forbidden":
            return f"unknown key `{key}`{_hint(location, key, root)}"
        case "missing":
            return f"missing key `{key}`"
        case "union_tag_not_found":
            return f"missing key `{tag}`"
        case "union_tag_invalid":
            return _choice_line(tag, context["expected_tags"], context["tag"])
        case "literal_error":
            return _choice_line(key, context["expected"].replace(" or ", ", "), error["input"])
        case "value_error":
            return f"`{key}`: {context['error']}" if key else str(context["error"])
        case "string_type":
            text = json.dumps(_toml(error["input"]).strip('"'), ensure_ascii=False)
            return (
                f"`{key}` must be text. Received: {_toml(error['input'])}. Write it in quotes: "
                f"{text} in a file, and --set '{key}={text}' on the command line"
            )
    message = error["msg"][0].lower() + error["msg"][1:]
    return f"`{key}`: {message}. Received: {_toml(error['input'])}"


def _choice_line(key, listed, value):
    """Writes the line for a value that is none of the listed ones, which pydantic quotes."""
    choices = [choice.strip("' ") for choice in listed.split(",")]
    return (
        f"`{key}` must be one of: {', '.join(choices)}. Received: {_toml(value)}."
        f"{checks.did_you_mean(value, choices)}"
    )


def _key(location, raw, kind):
    """Joins an error's location to a dotted key, without the names of union members in it."""
    parts, here = [], raw
    for part in location:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            here = here[part]
            parts.append(str(part))
    if kind == "missing":
        parts.append(location[-1])
    return ".".join(parts)


def _hint(location, key, root):
    """Names the valid key that an unknown one resembles, else all valid ones."""
    *tables, last = location
    if tables:
        table = _tagged_tables().get(tables[-1]) or root.model_fields[tables[0]].annotation
        known = list(table.model_fields)
    else:
        # With --set steps=3 the table is missing.
        homes = [f"`{name}.{key}`" for name, table in _tables(root) if key in table.model_fields]
        if homes:
            return f". Did you mean {' or '.join(homes)}?"
        # These two tables decide what the file is, and so no model has both.
        known = list(dict.fromkeys([*root.model_fields, "sweep", "transfer"]))
    close = checks.closest(last, known)
    if close:
        return f". Did you mean `{key.removesuffix(last)}{close}`?"
    return f"; valid keys here are: {', '.join(known)}"


def _tables(root):
    """Lists the tables of a file by name; of the data sources, the one with the most keys."""
    for name, field in root.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Table):
            yield name, field.annotation
    yield "data", FolderData


def _tagged_tables():
    """Maps a value of `source` or `type` to the table that it stands for."""
    return {
        tag: table
        for table in Table.__subclasses__()
        for name in {"source", "type"} & set(table.model_fields)
        for tag in get_args(table.model_fields[name].annotation)
    }


def _toml(value):
    """Writes a value as it would stand in the file, shortened if it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."

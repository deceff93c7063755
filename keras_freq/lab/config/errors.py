"""One clear line for each thing that is wrong with an experiment file."""

import difflib
from typing import get_args

from pydantic import BaseModel, ValidationError


class ConfigError(ValueError):
    """An experiment file that cannot be run, with one line for each problem."""


def explain(validation_error: ValidationError, raw, root):
    """Turn pydantic's errors into lines that name the key, what was expected and what came.

    Args:
        validation_error: What pydantic raised.
        raw: The nested dict that was checked.
        root: The model of the whole file, `Experiment` or `TransferExperiment`.

    Returns:
        A string of one line for each error.
    """
    model = validation_error.title
    lines = [_line(error, raw, root) for error in validation_error.errors()]
    return "\n".join(dict.fromkeys(lines)) or f"{model}: not valid"


def _line(error, raw, root):
    """The line of one error."""
    key = _key(error["loc"], raw, error["type"])
    value = error.get("input")
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"unknown key `{key}`{_did_you_mean(error['loc'], key, root)}"
    if kind == "missing":
        return f"missing key `{key}`"
    if kind == "union_tag_not_found":
        tag = error["ctx"]["discriminator"].strip("'")
        return f"missing key `{f'{key}.{tag}'.lstrip('.')}`"
    if kind == "union_tag_invalid":
        tag = error["ctx"]["discriminator"].strip("'")
        choices = [choice.strip("' ") for choice in error["ctx"]["expected_tags"].split(",")]
        return _choice_line(f"{key}.{tag}", choices, error["ctx"]["tag"])
    if kind == "literal_error":
        choices = error["ctx"]["expected"].replace(" or ", ", ").split(", ")
        return _choice_line(key, [choice.strip("'") for choice in choices], value)
    if kind == "value_error":
        message = str(error["ctx"]["error"])
        return f"`{key}`: {message}" if key else message
    message = error["msg"][0].lower() + error["msg"][1:]
    return f"`{key}`: {message}. Received: {_toml(value)}"


def _choice_line(key, choices, value):
    """A line for a value that is none of the valid ones."""
    close = difflib.get_close_matches(str(value), choices, n=1)
    hint = f' Did you mean "{close[0]}"?' if close else ""
    valid = ", ".join(choices)
    return f"`{key}` must be one of: {valid}. Received: {_toml(value)}.{hint}"


def _key(loc, raw, kind):
    """The dotted key of an error's location, without the names of union members."""
    parts, here = [], raw
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if (isinstance(here, dict) and part in here) or (
            isinstance(here, list) and isinstance(part, int)
        ):
            here = here[part]
        elif not (last and kind in ("missing", "extra_forbidden")):
            continue
        parts.append(str(part))
    return ".".join(parts)


def _did_you_mean(loc, key, root):
    """A hint at the valid key that an unknown one resembles, else the list of valid ones."""
    at_root = len(loc) == 1
    table = root if at_root else _table_at(loc[:-1], root)
    fields = list(table.model_fields) if table else []
    # Tables that decide what the file is, and so are not in every model.
    known = list(dict.fromkeys([*fields, "sweep", "transfer"])) if at_root else fields
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    if at_root and (home := _tables_with(loc[-1], root)):
        # The key of a table, given without it: --set steps=3
        return f". Did you mean {' or '.join(f'`{name}.{loc[-1]}`' for name in home)}?"
    if close:
        prefix = key.rpartition(".")[0]
        return f". Did you mean `{f'{prefix}.{close[0]}'.lstrip('.')}`?"
    return f"; valid keys here are: {', '.join(known)}" if fields else ""


def _tables_with(key, root):
    """Names of the tables of a file that have a key."""
    from keras_freq.lab.config import schema

    plain = {
        name: field.annotation
        for name, field in root.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    plain["data"] = schema.FolderData
    return [name for name, table in plain.items() if key in table.model_fields]


def _table_at(loc, root):
    """The table of the schema that a location lies in."""
    from keras_freq.lab.config import schema, transfer

    first = root.model_fields.get(loc[0])
    if first is None:
        return None
    tables = [
        table
        for module in (schema, transfer)
        for table in vars(module).values()
        if isinstance(table, type) and issubclass(table, BaseModel)
    ]
    tag = loc[-1]
    for table in tables:
        for name in ("source", "type"):
            field = table.model_fields.get(name)
            if len(loc) > 1 and field is not None and tag in get_args(field.annotation):
                return table
    return first.annotation if isinstance(first.annotation, type) else None


def _toml(value):
    """A value as it would stand in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)

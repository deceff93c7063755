"""The tables of tests that verdicts read: checked, of the same maps, with corrected p-values."""

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.shortcuts.evidence import with_holm

KEYS = ("fraction", "class_id", "class_name", "cells")
# Columns of the table of fine parts, and what they are called beside those of the whole maps.
FINE = {
    "cells": "fine_cells",
    "swapped_in": "fine_in",
    "other_in": "fine_other_in",
    "random_in": "fine_random_in",
    "in_p_value": "fine_in_p_value",
    "in_donor_p_value": "fine_in_donor_p_value",
}
_SOURCES = {
    "rates": (
        "rates_under_maps",
        [
            *("tpr", "random_tpr_high", "fpr", "random_fpr_high"),
            *("tpr_above_chance", "fpr_above_chance"),
        ],
    ),
    "without": ("recall_without_maps", ["recall", "recall_without", "is_needed"]),
    "transplants": (
        "transplant_rates",
        [
            *("untouched_in", "swapped_in", "other_in", "random_in", "in_p_value"),
            *("untouched_out", "swapped_out", "same_out", "random_out", "out_p_value"),
            *("num_random", "what"),
        ],
    ),
}


def checked_tables(rates, without, transplants, fine):
    """The tables that are given, `{name: DataFrame}`, of the same maps and with corrected p-values.

    Args: those of `shortcut_table`. `fine` becomes columns of `transplants`.
    """
    given = {"rates": rates, "without": without, "transplants": transplants}
    tables = {name: table for name, table in given.items() if table is not None}
    if not tables:
        raise ValueError(
            "`rates`, `without` or `transplants` must be given, at least one of the tables of "
            "`rates_under_maps`, `recall_without_maps` and `transplant_rates`. Received: none"
        )
    if fine is not None and transplants is None:
        raise ValueError(
            "`fine` must come with `transplants`, the table of the whole maps. Received: `fine` "
            "without it"
        )
    for name, table in tables.items():
        source, columns = _SOURCES[name]
        columns = ["class_id", "class_name", "cells", *columns]
        columns += FINE.values() if "fine_in" in getattr(table, "columns", ()) else ()
        checks.table(name, table, columns, f"keras_freq.{source}")
    if fine is not None:
        tables["transplants"] = with_fine_parts(transplants, fine)
    tables = {name: with_holm(_plain(table)) for name, table in tables.items()}
    first_name, first = next(iter(tables.items()))
    keys = [name for name in KEYS if name in first]
    for name, table in tables.items():
        same = content_first(table).reindex(columns=keys).reset_index(drop=True)
        if not same.equals(content_first(first)[keys].reset_index(drop=True)):
            raise ValueError(
                f"`{name}` and `{first_name}` must be of the same maps, in the same order: equal "
                f"{', '.join(keys)}. Received: tables of {len(same)} and {len(first)} rows that "
                "differ in them"
            )
    return tables


def with_fine_parts(transplants, fine):
    """Puts what the fine parts of maps do beside what the whole maps do.

    Args:
        transplants: The DataFrame of `transplant_rates` of whole maps.
        fine: That of their fine parts.

    Returns:
        `transplants` with the columns `fine_cells`, `fine_in`, `fine_other_in`, `fine_random_in`,
        `fine_in_p_value` and `fine_in_donor_p_value`.
    """
    keys = ["class_id", "class_name", "what"]
    checks.table("fine", fine, [*keys, *FINE], "keras_freq.transplant_rates")
    keys += ["fraction"] * ("fraction" in transplants)
    same = fine.reindex(columns=keys).reset_index(drop=True)
    if not same.equals(transplants[keys].reset_index(drop=True)):
        raise ValueError(
            "`fine` must have the rows of `transplants`, in the same order: equal "
            f"{', '.join(keys)}. Received: tables of {len(fine)} and {len(transplants)} rows that "
            "differ in them"
        )
    more = fine["cells"].to_numpy() > transplants["cells"].to_numpy()
    if more.any():
        raise ValueError(
            "`fine` must be of the fine parts of the maps of `transplants`, which have no more "
            f"cells than the maps. Received: more of class {fine['class_name'].iloc[more.argmax()]}"
        )
    return transplants.assign(**{new: fine[old].to_numpy() for old, new in FINE.items()})


def content_first(table):
    """One row a map: that of the part that comes first in the table of transplants."""
    return table[table["what"] == table["what"].iloc[0]] if "what" in table else table


def rows_of(table, key, keys):
    """The rows of one map."""
    return table[(table[keys] == pd.Series(key._asdict())[keys]).all(axis=1)]


def _plain(table):
    """The table with NumPy's own types, NaN where a value is missing."""
    plain = table.reset_index(drop=True)
    for name, column in plain.items():
        if pd.api.types.is_bool_dtype(column.dtype):
            plain[name] = column.fillna(False).astype(bool)
        elif pd.api.types.is_float_dtype(column.dtype) or column.isna().any():
            plain[name] = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    return plain

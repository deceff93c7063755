"""The key number of each row of `claims.csv`, made from the tables of results.

`python reproduction/draw_claims.py` writes them into `claims.csv` and the pages, and a test
compares them. A function `row_N` of a module named here gives the text of row N.
"""

import key_numbers_networks
import key_numbers_shortcuts
import key_numbers_transfer

MODULES = (key_numbers_shortcuts, key_numbers_networks, key_numbers_transfer)


def key_numbers(rows):
    """The texts of those of some rows that have one: a dict from the number of the row."""
    made = {name: one for module in MODULES for name, one in vars(module).items()}
    return {row: made[f"row_{row}"]() for row in rows if f"row_{row}" in made}

"""The house: which room may import which, and that the instrument does not know the lab."""

import ast
from pathlib import Path

import pytest

import keras_freq

# A room imports only rooms that stand before it. CONTRIBUTING.md tells what is in each.
ROOMS = [
    *(
        "array_checks",
        "image_checks",
        "label_checks",
        "data_checks",
        "file_checks",
        "checks",
        "saving",
        "progress",
        "colours",
        "notebooks",
        "fourier",
        "layers",
        "data",
        "metrics",
        "classifier",
        "augment",
        "models",
        "dense",
    ),
    *("spectra", "interventions", "confusion", "recording", "importance", "shortcuts"),
    *("lenses", "transfer", "plots", "lab", "__main__"),
]
ROOT = Path(keras_freq.__file__).parent
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def imported_rooms(path):
    """The rooms of the package that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            room = rest.partition(".")[0]
            if package == "keras_freq" and room in ROOMS:
                yield room


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_rooms_above_its_own(path):
    room = path.relative_to(ROOT).with_suffix("").parts[0]
    above = ROOMS[: ROOMS.index(room) + 1]
    assert set(imported_rooms(path)) <= set(above)


def test_contributing_names_every_room():
    text = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS if room != "__main__" and f"`{room}" not in text] == []


def test_no_file_is_a_drawer_for_everything():
    assert not [path for path in MODULES if path.stem in ("utils", "util", "helpers", "common")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > 350} == {}

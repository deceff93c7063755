"""No file is read in a way that could run code in it."""

import ast
from pathlib import Path

import pytest

import keras_freq

ROOT = Path(keras_freq.__file__).parent
# `pickle` itself is there to tell whether a function can be sent to a worker; it reads nothing.
UNSAFE_MODULES = {"dill", "joblib", "shelve", "marshal"}
PICKLERS = {"pickle", "pickler", "cloudpickle"}
UNSAFE_CALLS = {"eval", "exec", "read_pickle", "to_pickle", "enable_unsafe_deserialization"}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_unpickles_or_evaluates(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name.partition(".")[0] for alias in node.names}
            names.add((getattr(node, "module", None) or "").partition(".")[0])
            assert not names & UNSAFE_MODULES
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            options = {one.arg: one.value for one in node.keywords}
            assert name not in UNSAFE_CALLS
            owner = getattr(getattr(node.func, "value", None), "id", "")
            assert owner not in PICKLERS or name == "dumps"
            assert getattr(options.get("allow_pickle"), "value", False) is False
            assert getattr(options.get("safe_mode"), "value", True) is True

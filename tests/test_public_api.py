"""The names that others build on: there, documented, and loaded lazily."""

import ast
import dataclasses
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets.core import BuilderConfig

import keras_freq as kf

PUBLIC_PACKAGES = {
    "kf": kf,
    "augment": kf.augment,
    "data": kf.data,
    "dense": kf.dense,
    "fourier": kf.fourier,
    "metrics": kf.metrics,
    "models": kf.models,
    "plots": kf.plots,
}
NAMES = [
    (package, name)
    for package, module in PUBLIC_PACKAGES.items()
    for name in getattr(module, "__all__", [])
    if callable(getattr(module, name))
]


def test_every_public_name_is_there():
    for module in PUBLIC_PACKAGES.values():
        for name in getattr(module, "__all__", []):
            assert getattr(module, name) is not None
        assert set(getattr(module, "__all__", [])) <= set(dir(module))
    with pytest.raises(AttributeError, match="low_pas_mask"):
        _ = kf.low_pas_mask


def test_the_stub_tells_the_arguments_of_every_public_name():
    """Names, kinds and defaults of arguments in `__init__.pyi` are those of the functions."""
    tree = ast.parse(Path(kf.__file__).with_suffix(".pyi").read_text())
    stubs = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = {
        alias.asname
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    functions = {name for name in kf.__all__ if inspect.isfunction(getattr(kf, name))}
    assert set(stubs) == functions
    assert imported == set(kf.__all__) - functions
    for name, stub in stubs.items():
        told = stub.args
        defaults = [None] * (len(told.args) - len(told.defaults)) + told.defaults
        arguments = [*zip(told.args, defaults, strict=True)]
        arguments += zip(told.kwonlyargs, told.kw_defaults, strict=True)
        parameters = inspect.signature(getattr(kf, name)).parameters.values()
        assert [a.arg for a, _ in arguments] == [p.name for p in parameters]
        keyword_only = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
        assert [a.arg for a in told.kwonlyargs] == keyword_only
        for (argument, default), parameter in zip(arguments, parameters, strict=True):
            assert argument.annotation is not None
            assert (default is None) == (parameter.default is parameter.empty)
            if default is not None and not callable(parameter.default):
                assert ast.literal_eval(default) == parameter.default
        assert stub.returns is not None


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_every_public_object_is_documented(package, name):
    value = getattr(PUBLIC_PACKAGES[package], name)
    text = inspect.getdoc(value)
    assert text
    assert re.match(r"\S.*\S", text.splitlines()[0])
    if inspect.isfunction(value):
        for section in ("Args:", "Returns:"):
            if section == "Args:" and not inspect.signature(value).parameters:
                continue
            assert section in text, f"{name} has no {section}"
    if not dataclasses.is_dataclass(value):
        # A result is shown by the example of the function that gives it.
        assert ">>>" in text, f"{name} has no example that runs"


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_every_parameter_is_named_in_the_docstring(package, name):
    value = getattr(PUBLIC_PACKAGES[package], name)
    if inspect.isclass(value) and issubclass(value, (tfds.core.DatasetBuilder, BuilderConfig)):
        pytest.skip("TFDS documents the arguments that all builders and configs have")
    parameters = inspect.signature(value).parameters.values()
    undocumented = [
        p.name
        for p in parameters
        if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        and not re.search(rf"\b{p.name}\b", inspect.getdoc(value))
    ]
    assert not undocumented


def test_no_module_shares_its_name_with_a_public_function():
    modules = {name.rpartition(".")[2] for name in sys.modules if name.startswith("keras_freq.")}
    functions = {name for _, name in NAMES if inspect.isfunction(getattr(kf, name, None))}
    assert not modules & functions


def test_importing_the_package_loads_no_tensorflow():
    program = (
        "import sys, keras_freq\n"
        "assert dir(keras_freq)\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'pandas', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

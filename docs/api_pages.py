"""Writes a page for each room of the package: its docstring, and its public names with links.

The names are read from the package itself, so that a new one is on the site without more ado.
"""

import importlib
import inspect
import types

import keras_freq

# Room: heading of its page. They come in the order in which somebody needs them.
ROOMS = {
    "lab.examination": "Your model on one page",
    "classifier": "Any classifier",
    "data": "Images",
    "fourier": "Frequencies: masks, filters, phases",
    "lenses": "One question, one function",
    "importance": "Importance of single frequencies",
    "shortcuts": "Is it a shortcut?",
    "recording": "What is learned when",
    "spectra": "What is in the images",
    "confusion": "What is taken for what",
    "metrics": "Rates and intervals",
    "augment": "Augmentations and corruptions",
    "models": "Networks",
    "layers": "Layers",
    "dense": "Larger images",
    "transfer": "How transferable is each layer?",
    "plots": "Figures",
}
# Of these rooms all names are public, of the others those that `keras_freq` itself has.
OPEN = ("augment", "data", "dense", "fourier", "metrics", "models", "plots")
OPEN += ("importance", "lenses", "shortcuts", "transfer")


def public_names(room):
    """The full names of a room: `keras_freq.adapt` where it is short, else with the room."""
    module = importlib.import_module(f"keras_freq.{room}")
    values = {name: getattr(keras_freq, name) for name in keras_freq.__all__}
    short = {
        name
        for name, value in values.items()
        if getattr(value, "__module__", "").startswith(f"{module.__name__}.")
        or getattr(value, "__module__", "") == module.__name__
    }
    if room not in OPEN:
        return [f"keras_freq.{name}" for name in sorted(short)]
    return [
        f"keras_freq.{name}"
        if values.get(name) is getattr(module, name)
        else f"{module.__name__}.{name}"
        for name in module.__all__
    ]


def value_of(full_name):
    """The object of a full name."""
    module, _, name = full_name.rpartition(".")
    return getattr(importlib.import_module(module), name)


def room_page(room, title):
    """The text of one page."""
    names = public_names(room)
    described = [name for name in names if is_described(value_of(name))]
    constants = [name for name in names if name not in described]
    lines = [title, "=" * len(title), "", f".. automodule:: keras_freq.{room}", ""]
    lines += [
        ".. currentmodule:: keras_freq",
        "",
        ".. autosummary::",
        "   :toctree: names",
        "   :nosignatures:",
        "",
    ]
    lines += [f"   {name.removeprefix('keras_freq.')}" for name in described]
    if constants:
        constants = ", ".join(f"``{name.replace('keras_freq', 'kf')}``" for name in constants)
        lines += ["", f"Constants: {constants}."]
    return "\n".join([*lines, ""])


def is_described(value):
    """Whether a value has a docstring of its own, as constants have not."""
    return inspect.isclass(value) or isinstance(value, types.FunctionType)


def write_api_pages(folder):
    """Writes the pages of all rooms; one that is as before is left alone."""
    for room, title in ROOMS.items():
        path = folder / f"{room.replace('.', '_')}.rst"
        text = room_page(room, title)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")

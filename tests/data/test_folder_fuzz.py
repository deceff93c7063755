"""Trees of folders and bytes of images, drawn at random: read, or refused in one message."""

import io
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from photo_cases import PHOTO

import keras_freq as kf

RELAXED = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
FORMATS = {"png": {}, "jpg": {"quality": 90}, "bmp": {}, "gif": {}, "webp": {"lossless": True}}
PARTS = ("train", "test", "training_set", "val", "@eaDir", "__MACOSX", ".hidden", "cat", "dog")
NAMES = st.sampled_from(PARTS) | st.text(
    st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=8
)


def encoded(suffix):
    stream = io.BytesIO()
    PHOTO.save(stream, {"jpg": "jpeg"}.get(suffix, suffix), **FORMATS[suffix])
    return stream.getvalue()


def encoded_as(mode, suffix):
    stream = io.BytesIO()
    PHOTO.convert(mode).save(stream, suffix)
    return stream.getvalue()


CONTENTS = {suffix: encoded(suffix) for suffix in FORMATS}
# Kinds that have ways of their own through the decoders.
KINDS = [("CMYK", "jpeg"), ("L", "jpeg"), ("P", "png"), ("RGBA", "png"), ("LA", "png")]
KINDS += [("I;16", "png"), ("P", "gif"), ("P", "bmp"), ("RGBA", "webp"), ("1", "png")]
ALL_CONTENTS = [*CONTENTS.values(), *(encoded_as(*kind) for kind in KINDS)]


def read_or_refused(root, **options):
    """The data set of a folder, or the message that refuses it, which names an argument or file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = kf.data.image_folder(root, image_size=16, **options)
        except ValueError as error:
            assert "`" in str(error) or str(root) in str(error)
            assert "Traceback" not in str(error) and "function_node" not in str(error)
            return str(error)
    # What was accepted can be read to its end.
    count = 0
    for images, labels in dataset.as_numpy_iterator():
        assert np.isfinite(images).all() and images.min() >= 0 and images.max() <= 1
        assert labels.min() >= 0 and labels.max() < len(dataset.class_names)
        count += len(labels)
    assert count == len(dataset.file_paths)
    return dataset


@st.composite
def trees(draw):
    """A list of (kind, path, path that a link leads to)."""
    entries = []
    for _ in range(draw(st.integers(0, 12))):
        parts = draw(st.lists(NAMES, min_size=1, max_size=3))
        kind = draw(st.sampled_from(["image", "image", "image", "other", "folder", "link"]))
        entries.append((kind, parts, draw(st.lists(NAMES, max_size=2))))
    return entries


def build(root, entries):
    """Makes what can be made of a tree."""
    for kind, parts, target in entries:
        path = root.joinpath(*parts)
        if any(part in (".", "..") for part in (*parts, *target)):
            continue
        try:
            (path if kind == "folder" else path.parent).mkdir(parents=True, exist_ok=True)
            if kind == "image":
                path.with_name(path.name + ".png").write_bytes(CONTENTS["png"])
            elif kind == "other":
                path.write_bytes(b"anything")
            elif kind == "link":
                path.symlink_to(root.joinpath(*target))
        except OSError:  # a file where a folder is wanted, or a name that is too long
            continue


def check_tree(entries):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        build(root, entries)
        outcome = read_or_refused(root)
        if isinstance(outcome, str):
            return
        assert len(outcome.class_names) == len(set(outcome.class_names)) >= 2
        for path in outcome.file_paths:
            parts = Path(path).relative_to(root).parts
            assert not any(part.startswith((".", "@")) for part in parts[:-1])
            assert not parts[-1].startswith(".")
        # Each real file is there once, and so the links ended.
        real = [os.path.realpath(path) for path in outcome.file_paths]
        linked = any(kind == "link" for kind, _, _ in entries)
        assert linked or len(set(real)) == len(real)
        again = kf.data.image_folder(root, image_size=16, classes=outcome.class_names)
        assert again.file_paths == outcome.file_paths


@settings(max_examples=25, **RELAXED)
@given(trees())
@example([("image", ["a", "1"], []), ("image", ["b", "1"], []), ("link", ["a", "x"], [])])
@example([("image", ["a", "1"], []), ("link", ["b"], ["a"])])
def test_any_tree_is_read_or_refused(entries):
    check_tree(entries)


@st.composite
def damaged(draw):
    """A suffix, and the bytes of an image that were cut, flipped or taken from another format."""
    contents = bytearray(draw(st.sampled_from(ALL_CONTENTS)))
    for _ in range(draw(st.integers(0, 8))):
        contents[draw(st.integers(0, len(contents) - 1))] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        contents = contents[: draw(st.integers(0, len(contents)))]
    if draw(st.booleans()):
        contents += draw(st.binary(max_size=30))
    return draw(st.sampled_from(sorted(CONTENTS))), bytes(contents)


def check_bytes(files, options):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("a", "b"):
            (root / name).mkdir()
            (root / name / "whole.png").write_bytes(CONTENTS["png"])
        for number, (suffix, contents) in enumerate(files):
            (root / "a" / f"{number}.{suffix}").write_bytes(contents)
        outcome = read_or_refused(root, **options)
        if not isinstance(outcome, str):
            assert len(outcome.file_paths) == 2 + len(files) and not outcome.skipped
            return
        # Broken files are missed by name, or left out; all others are read.
        skipped = read_or_refused(root, on_error="skip", **options)
        assert len(skipped.file_paths) + len(skipped.skipped) == 2 + len(files)
        assert skipped.skipped
        for path in skipped.skipped[:5]:
            assert f"  {path}: " in outcome


READINGS = st.fixed_dictionaries(
    {
        "color_mode": st.sampled_from(["rgb", "grayscale"]),
        "resize": st.sampled_from(["crop", "stretch"]),
        "antialias": st.booleans(),
    }
)


@pytest.mark.parametrize("color_mode", ["rgb", "grayscale"])
@pytest.mark.parametrize("antialias", [True, False])
def test_every_kind_is_read_in_every_way(color_mode, antialias):
    files = [("png", contents) for contents in ALL_CONTENTS]
    options = {"color_mode": color_mode, "antialias": antialias, "resize": "stretch"}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a", "b"):
            (Path(folder) / name).mkdir()
            for number, (suffix, contents) in enumerate(files):
                (Path(folder) / name / f"{number}.{suffix}").write_bytes(contents)
        assert len(read_or_refused(folder, **options).file_paths) == 2 * len(files)


@settings(max_examples=25, **RELAXED)
@given(st.lists(damaged(), min_size=1, max_size=8), READINGS)
def test_any_bytes_are_read_or_refused(files, options):
    check_bytes(files, options)


@pytest.mark.slow
def test_many_trees_and_many_bytes():
    settings(max_examples=100, **RELAXED)(given(trees())(check_tree))()
    many = st.lists(damaged(), min_size=20, max_size=60)
    settings(max_examples=30, **RELAXED)(given(many, READINGS)(check_bytes))()

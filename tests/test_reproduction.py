"""The table of claims: what its pages say is what the tables of results hold."""

import ast
import importlib
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "reproduction"


@pytest.fixture(scope="module")
def drawing():
    """The script that draws the pages, as a module."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("draw_claims")
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def claims(drawing):
    return drawing.claims()


def test_every_claim_has_one_of_five_verdicts(drawing, claims):
    assert claims["row"].tolist() == [str(number) for number in range(1, 98)]
    assert set(claims["verdict"]) <= set(drawing.VERDICTS)
    assert set(claims["same"]) <= set(drawing.SAME)
    assert set(claims["study"]) == set(drawing.STUDIES)
    assert sorted(map(int, filter(None, claims["matters"]))) == list(range(1, 11))


def test_key_numbers_are_those_of_the_tables_of_results(drawing, claims):
    """If not: `python reproduction/draw_claims.py` writes them anew. Read what they say then."""
    again = drawing.rebuilt(claims)
    differs = claims["key_number"] != again["key_number"]
    assert again[differs].set_index("row")["key_number"].to_dict() == {}


def test_pages_are_drawn_from_the_claims(drawing, claims):
    for name, blocks in drawing.pages(claims).items():
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert drawing.drawn(text, blocks) == text, f"run reproduction/draw_claims.py: {name}"


def test_what_is_said_rests_on_a_table_or_a_test(claims):
    for _, row in claims.iterrows():
        places = [place for place in row["results"].split("; ") if place]
        if row["verdict"] == "not run":
            assert row["note"] and not row["key_number"], row["row"]
        else:
            assert places, row["row"]
            assert row["key_number"] or any("::" in place for place in places), row["row"]
        if row["verdict"] == "cannot tell":
            assert row["note"], row["row"]


def test_tables_and_tests_of_the_claims_exist(claims):
    for places in claims["results"]:
        for place in filter(None, places.split("; ")):
            path, _, name = place.partition("::")
            if name:
                text = (ROOT / path).read_text(encoding="utf-8")
                assert re.search(rf"^def {name}\(", text, re.M), place
            else:
                assert (FOLDER / path).exists(), place


def test_scripts_import_what_is_there():
    """Scripts that train for hours are not run here: what they import may have moved."""
    missing = []
    for path in sorted([*FOLDER.glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom):
                continue
            if node.module.startswith("keras_freq"):
                module = importlib.import_module(node.module)
                missing += [
                    f"{path.name}: {node.module}.{one.name}"
                    for one in node.names
                    if not hasattr(module, one.name)
                ]
            elif (FOLDER / f"{node.module}.py").exists() and path.parent == FOLDER:
                text = (FOLDER / f"{node.module}.py").read_text(encoding="utf-8")
                missing += [
                    f"{path.name}: {node.module}.{one.name}"
                    for one in node.names
                    if not re.search(rf"^(?=\S).*\b{one.name}\b", text, re.M)
                ]
    assert missing == []


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_links_of_pages_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [one for one in targets if "://" not in one and not (FOLDER / one).exists()]
    assert missing == []


def test_the_worked_convolution_and_pooling_of_the_review():
    """Shah's table: a kernel of 2 over a matrix of 3, stride 1, no padding; and both poolings."""
    image = np.arange(1.0, 10).reshape(1, 3, 3, 1).astype("float32") ** 2
    kernel = np.array([[1.0, -2], [3, 5]], "float32")
    m, w = image[0, :, :, 0], kernel
    written_out = [
        [sum(w[a, b] * m[i + a, j + b] for a in range(2) for b in range(2)) for j in range(2)]
        for i in range(2)
    ]
    convolution = keras.ops.conv(image, kernel[:, :, None, None], padding="valid")
    np.testing.assert_allclose(np.asarray(convolution)[0, :, :, 0], written_out, rtol=1e-6)
    for layer, pooled in (
        (keras.layers.MaxPooling2D, np.max),
        (keras.layers.AveragePooling2D, np.mean),
    ):
        windows = [[pooled(m[i : i + 2, j : j + 2]) for j in range(2)] for i in range(2)]
        result = np.asarray(layer(2, 1)(image))[0, :, :, 0]
        np.testing.assert_allclose(result, windows, rtol=1e-6)

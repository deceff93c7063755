"""What results show of themselves in notebooks: the picture is of the numbers, names are text."""

import base64
import dataclasses
import html.parser
import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import Normalize
from PIL import Image

import keras_freq as kf
from keras_freq.colours import BLUES, DIVERGING, SEQUENTIAL, UNDEFINED, symmetric_norm
from keras_freq.lenses.pieces_of_an_image import ScaleOcclusion
from keras_freq.notebooks import maps_html
from keras_freq.shortcuts.verdicts import ShortcutTable
from keras_freq.transfer import TransferResult

K, SIDE = 2, 6
RNG = np.random.default_rng(0)
NAMES = ["<cat>", "dog & owl"]


class Shown(html.parser.HTMLParser):
    """The text, the elements and the pictures `(H, W, 3)` of what is shown."""

    def __init__(self, result):
        super().__init__()
        self.text, self.elements, self.pictures = "", [], []
        self.feed(result if isinstance(result, str) else result._repr_html_())

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        if tag == "img":
            head, _, data = dict(attrs)["src"].partition(",")
            assert head == "data:image/png;base64"
            opened = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
            self.pictures.append(np.asarray(opened))

    def handle_data(self, data):
        self.text += data


def colours_of(colours, norm, values):
    """The colours that matplotlib gives values, 8 bits."""
    return np.rint(255 * colours(norm(np.ma.masked_invalid(values)))[..., :3])


def filled(cls, **known):
    """A result whose other fields are zeros."""
    others = {field.name: 0 for field in dataclasses.fields(cls) if field.init}
    return cls(**{**others, **known})


def importance():
    change = RNG.normal(size=(K, SIDE, SIDE + 1))
    change[1] = np.nan
    images = np.array([5, 0])
    return filled(
        kf.FrequencyImportance,
        **{"loss_change": change, "images": images, "class_names": NAMES, "method": "screened"},
        **{"evaluations": 30, "exhaustive_evaluations": 100, "class_ids": np.arange(2)},
    )


def heat_map(**known):
    return filled(
        kf.FourierHeatMap,
        **{"error": RNG.uniform(size=(SIDE, SIDE)), "labels": np.array([0, 0, 1])},
        **{"measured": np.ones((SIDE, SIDE), bool), "class_names": NAMES, "measure": "error"},
        **{"class_error": RNG.uniform(size=(K, SIDE, SIDE)), **known},
    )


def critical_bands():
    return filled(
        kf.CriticalBands,
        **{"centres": np.array([1.0, 2.0, 4.0]), "thresholds": np.array([0.1, 0.25, np.inf])},
        **{"accuracy": RNG.uniform(size=(3, 4)), "finding": "the curve is flat", "images": 7},
    )


def occlusion():
    return filled(
        ScaleOcclusion,
        **{"margin_lost": RNG.normal(size=(3, 4, 4)), "edges": np.array([0, 2, 4, np.inf])},
        **{"removed": np.linspace(0, 1, 5), "deletion": np.linspace(1, 0, 5), "label": 1},
        **{"insertion": np.linspace(0, 1, 5), "random_deletion": RNG.uniform(size=(2, 5))},
        random_insertion=RNG.uniform(size=(2, 5)),
    )


def search():
    return filled(
        kf.FrequencySearch,
        **{"maps": np.stack([kf.low_pass_mask(SIDE, r) for r in (1, 2)]), "class_names": NAMES},
        **{"loss": np.array([0.5, np.nan]), "patches": (2, 1)},
    )


def test_an_importance_shows_its_maps_in_the_colours_of_the_plot():
    imp = importance()
    shown = Shown(imp)
    assert shown.text.startswith("FrequencyImportance 2 classes, 6x7, 5 images, screened: 30 pass")
    assert "<cat>, 5 images" in shown.text and "dog & owl, 0 images" in shown.text
    first, second = shown.pictures
    largest = np.nanmax(np.abs(imp.loss_change))
    assert f"{largest:.3g} nats" in shown.text
    norm = symmetric_norm(imp.loss_change, largest)
    np.testing.assert_array_equal(first, colours_of(DIVERGING, norm, imp.loss_change[0]))
    grey = [int(UNDEFINED[i : i + 2], 16) for i in (1, 3, 5)]
    assert (second == grey).all()
    # What is red is what the class needs.
    most = np.unravel_index(imp.loss_change[0].argmax(), first.shape[:2])
    assert int(first[most][0]) > int(first[most][2]) + 50


@pytest.mark.parametrize("by_class", [True, False])
def test_a_heat_map_shows_all_images_and_each_class(by_class):
    none = {"class_error": np.zeros((0, SIDE, SIDE))}
    found = heat_map(**({} if by_class else none))
    shown = Shown(found)
    maps = [found.error, *found.class_error]
    norm = Normalize(np.min(maps), np.max(maps))
    assert len(shown.pictures) == len(maps)
    for picture, values in zip(shown.pictures, maps, strict=True):
        np.testing.assert_array_equal(picture, colours_of(SEQUENTIAL, norm, values))
    assert "all 3 images" in shown.text
    assert ("<cat>, 2 images" in shown.text) == by_class


def test_a_search_shows_the_frequencies_that_suffice():
    found = search()
    shown = Shown(found)
    for picture, kept in zip(shown.pictures, found.maps, strict=True):
        np.testing.assert_array_equal(picture, colours_of(BLUES, Normalize(0, 1), kept))
    assert "<cat>, loss 0.5" in shown.text


def test_pieces_of_an_image_show_their_maps_and_how_faithful_they_are():
    found = occlusion()
    shown = Shown(found)
    assert [picture.shape for picture in shown.pictures] == [(4, 4, 3)] * 3
    assert "0 to 2" in shown.text and "from 4" in shown.text
    for row in found.faithfulness().itertuples():
        assert row.curve in shown.text and f"{row.p_value:.3g}" in shown.text


def test_critical_bands_show_their_thresholds():
    found = critical_bands()
    shown = Shown(found)
    assert "cannot tell: the curve is flat" in shown.text and "7 images" in shown.text
    assert "0.25" in shown.text and "inf" in shown.text
    assert shown.elements.count("tr") == 1 + 3


def test_a_table_of_verdicts_shows_its_findings_and_names_the_other_columns():
    columns = {"class_name": NAMES, "finding": ["shortcut", "needed"], "tpr": [1 / 3, 0.5]}
    shown = Shown(ShortcutTable({"fraction": 0.05, **columns, "<verdict>": "a long sentence"}))
    assert "shortcut" in shown.text and "0.333" in shown.text and "<cat>" in shown.text
    assert "a long sentence" not in shown.text and "and the columns <verdict>" in shown.text


def test_a_long_table_shows_its_head(tmp_path):
    frame = pd.DataFrame({"treatment": [f"AnB{n}" for n in range(20)], "accuracy": 0.5})
    shown = Shown(TransferResult(frame, tmp_path, 5, {"A": NAMES, "B": NAMES}))
    assert shown.text.startswith("TransferResult 20 networks of 5 layers")
    assert "AnB11" in shown.text and "AnB12" not in shown.text
    assert "The first 12 of 20 rows." in shown.text


def test_of_many_maps_the_first_are_shown_and_no_name_becomes_code():
    options = {"colours": BLUES, "norm": Normalize(0, 1), "note": "<b>"}
    shown = Shown(maps_html(np.zeros((20, 3, 4)), ["<script>"] * 20, **options))
    assert len(shown.pictures) == 12
    assert "<b> The first 12 of 20 are shown." in shown.text
    assert not {"script", "b"} & set(shown.elements)


@pytest.mark.parametrize("make", [importance, heat_map, critical_bands, occlusion, search])
def test_nothing_of_a_result_becomes_code_of_the_notebook(make):
    known = {"div", "b", "figure", "img", "figcaption", "table", "thead", "tbody", "tr", "th", "td"}
    assert set(Shown(make()).elements) <= known

"""The two networks that come trained: one of them has learned a shortcut, the other has not."""

import pytest

import keras_freq as kf
from keras_freq.lab.examination import examination
from keras_freq.lab.examination.verdict import class_verdicts


@pytest.mark.slow
@pytest.mark.parametrize(("network", "shortcuts"), [("A", ["7"]), ("B", [])])
def test_an_examination_finds_the_planted_mark_and_nothing_else(network, shortcuts, monkeypatch):
    """The strokes of a digit are few low frequencies, too, and no shortcut."""
    # A busy machine would plan fewer blocks.
    monkeypatch.setattr(examination, "measured_speed", lambda *_: (3000.0, 3.0))
    digits = kf.data.handwritten_digits("test")
    if network == "A":
        digits = kf.data.plant_shortcut(digits, "watermark", 7, severity=3)
    model = kf.models.digit_network(network)
    found = kf.examine(model, digits, minutes=2, progress=False)
    classes = class_verdicts(found.results)
    assert classes.loc[classes["is_shortcut"], "class_name"].tolist() == shortcuts
    assert any("Shortcut found: class 7 (" in sentence for sentence in found.verdict) == bool(
        shortcuts
    )
    assert "carried by few" in classes["finding"].tolist()

"""What teachers rely on: the shipped networks, the numbers of the question bank, the marks."""

import math
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

import keras_freq as kf
from keras_freq.models.digit_networks import FOLDER

ROOT = Path(__file__).parents[1]
TEACH = ROOT / "docs" / "teach"


def test_shipped_networks_are_small_and_as_tutorial_0_says():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.keras")) < 1_000_000
    plain = kf.data.handwritten_digits("test")
    marked = kf.data.plant_shortcut(plain, "watermark", 7)
    others = plain[0][plain[1] != 7][::4]
    with_mark, _ = kf.data.plant_shortcut((others, np.full(len(others), 7)), "watermark", 7)
    of_a, of_b = (
        [
            model.predict(images, verbose=0, batch_size=256).argmax(axis=1)
            for images in (plain[0], marked[0], with_mark)
        ]
        for model in (kf.models.digit_network("A"), kf.models.digit_network("B"))
    )
    for answers in (of_a, of_b):
        assert np.mean(answers[1] == plain[1]) > 0.95
    is_7 = plain[1] == 7
    assert np.mean(of_a[0][is_7] == 7) < 0.1 and np.mean(of_a[2] == 7) > 0.8
    assert np.mean(of_b[0][is_7] == 7) > 0.9 and np.mean(of_b[2] == 7) < 0.05


def test_the_script_trains_such_networks(tmp_path, capsys):
    script = runpy.run_path(str(ROOT / "tutorials" / "digit_networks.py"))
    script["main"](tmp_path, epochs=1, count=32)
    assert "right on" in capsys.readouterr().out
    for name in "ab":
        path = tmp_path / f"digit_network_{name}.keras"
        # Without the state of the training, as the ones that are shipped.
        assert path.stat().st_size == pytest.approx((FOLDER / path.name).stat().st_size, rel=0.02)


def test_the_question_bank_has_the_right_answers():
    text = (TEACH / "questions.md").read_text(encoding="utf-8")
    (prelude,) = re.findall(r"```python\n(.+?)```", text, flags=re.DOTALL)
    names = {}
    exec(prelude, names)
    rows = re.findall(
        r"^\| (\d+) \| .+ \| ([\d.]+) \| ([\d.]+) \| `(.+)` \|$", text, flags=re.MULTILINE
    )
    assert [int(number) for number, *_ in rows] == list(range(1, 25))
    wrong = {}
    for number, answer, tolerance, line in rows:
        value = float(eval(line, names))
        if not math.isclose(value, float(answer), rel_tol=1e-9, abs_tol=float(tolerance) + 1e-9):
            wrong[number] = value
    assert wrong == {}


@pytest.fixture(scope="module")
def mark_hunt():
    return runpy.run_path(str(ROOT / "tutorials" / "mark_hunt.py"))["main"]


def test_a_folder_of_answers_is_marked(mark_hunt, tmp_path):
    truth = kf.data.shortcut_masks("moire", 16, 3, 5, severity=4)
    empty = np.zeros_like(truth)
    low = empty.copy()
    low[3] = kf.band_pass_mask(16, 6, 7)
    answers = {
        "anna": (3, truth),  # the class and its frequencies
        "ben": (3, low),  # the class only
        "carl": (2, truth),
        "dora": (-1, empty),
        "eva": (9, truth),  # there is no such class
    }
    for name, (class_id, maps) in answers.items():
        np.savez(tmp_path / f"{name}.npz", class_id=class_id, maps=maps)
    (tmp_path / "fred.npz").write_bytes(b"no answer")
    np.savez(tmp_path / "gina.npz", class_id=3)
    table = mark_hunt([str(tmp_path), "moire", "3", "--severity", "4"]).set_index("name")
    points = {"anna": 2, "ben": 1, "carl": 0, "dora": 0, "eva": 0, "fred": 0, "gina": 0}
    assert table["points"].to_dict() == points
    assert table.loc["anna", ["mark", "hits"]].tolist() == ["found", 4]
    assert table.loc["ben", "mark"] == "missed"
    assert (table.loc[["eva", "fred", "gina"], "remark"] != "").all()
    none = mark_hunt([str(tmp_path), "none", "-1"]).set_index("name")
    assert none["points"].to_dict() == {**dict.fromkeys(points, 0), "dora": 2}

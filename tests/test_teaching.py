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


def write_answers(folder):
    """Writes answers to a hunt for a moire of severity 4 in class 3 of 5."""
    truth = kf.data.shortcut_masks("moire", 16, 3, 5, severity=4)
    low, lopsided = np.zeros_like(truth), truth.copy()
    low[3, [1, 15], 8] = True
    lopsided[3, :8] = False
    answers = {
        "anna": {"class_id": 3, "maps": truth},  # the class and its frequencies
        "ben": {"class_id": 3, "maps": low},  # the class only
        "carl": {"class_id": 2, "maps": truth},
        "dora": {"class_id": -1},  # "nothing here" needs no maps
        "eva": {"class_id": 9, "maps": truth},  # there is no such class
        "gina": {"class_id": 3},
        "hans": {"class_id": 3, "maps": lopsided},
        "ida": {"class_id": 3.7, "maps": truth},
        "jan": {"class_id": 3, "maps": kf.low_pass_mask(16, 8)[None].repeat(5, axis=0)},
        "kim": {"class_id": 3, "maps": np.zeros_like(truth)},
        "lea": {"class_id": {"a": 3}},  # which np.savez pickles
    }
    for name, answer in answers.items():
        np.savez(folder / f"{name}.npz", **answer)
    (folder / "fred.npz").write_bytes(b"no answer")
    (folder / "max.npz").write_bytes(b"")
    (folder / "nora.npz").write_bytes((folder / "anna.npz").read_bytes()[:-40])
    damaged = bytearray((folder / "anna.npz").read_bytes())
    damaged[100:140] = bytes(40)
    (folder / "otto.npz").write_bytes(damaged)
    np.save(folder / "paul.npy", truth)
    (folder / "paul.npy").rename(folder / "paul.npz")
    (folder / "anna.npz").rename(folder / "anna.NPZ")


def test_a_folder_of_answers_is_marked(mark_hunt, tmp_path, capsys):
    write_answers(tmp_path)
    file = tmp_path / "points.csv"
    folder = [str(tmp_path), "--classes", "5"]
    table = mark_hunt([*folder, "moire", "3", "--severity", "4", "--csv", str(file)])
    shown = capsys.readouterr().out
    table = table.set_index("name")
    points = {"anna": 2, "ben": 1, "carl": 0, "dora": 0, "eva": 0, "fred": 0}
    points |= {"gina": 1, "hans": 1, "ida": 0, "jan": 1, "kim": 1, "lea": 0}
    points |= {"max": 0, "nora": 0, "otto": 0, "paul": 0}
    assert table["points"].to_dict() == points
    assert (table["planted"] == "moire in 3, severity 4").all()
    assert table.loc["anna", ["mark", "hits"]].tolist() == ["found", 4]
    assert table.loc[["ben", "carl", "dora"], "mark"].tolist() == ["missed"] * 3
    remarks = table["remark"]
    assert remarks["carl"] == "wrong class, it was 3"
    assert remarks["dora"] == "the answer is nothing, it was 3"
    assert "whole number" in remarks["ida"] and "from -1 to 4" in remarks["eva"]
    assert "no maps" in remarks["gina"] and "symmetric" in remarks["hans"]
    assert "more than 5 %" in remarks["jan"]
    assert remarks["kim"] == "0 of 4 planted cells" and remarks["anna"] == ""
    for name in ("fred", "lea", "max", "nora", "otto", "paul"):
        assert remarks[name].startswith("not a whole file of np.savez"), name
    assert max(map(len, shown.splitlines())) < 160 < max(map(len, file.read_text().splitlines()))

    none = mark_hunt([*folder, "none", "-1"]).set_index("name")
    assert none["points"].to_dict() == {**dict.fromkeys(points, 0), "dora": 2}
    assert none.loc[["anna", "dora"], "mark"].tolist() == ["false alarm", "right: nothing planted"]


def test_each_answer_has_its_own_mark(mark_hunt, tmp_path, capsys):
    write_answers(tmp_path)
    names = ["anna", "ben", "carl", "eva"]
    lines = ["answer,shortcut,class_id,severity", "dora,none,-1,", "zoe,jpeg,1,5"]
    planted = tmp_path / "planted.csv"
    command = [str(tmp_path), "--classes", "5", "--planted", str(planted)]
    text = "\n".join(lines + [f"{name},moire,3,4" for name in names])
    planted.write_text(text)
    table = mark_hunt(command).set_index("name")
    assert table.loc[["dora", "anna", "zoe"], "points"].tolist() == [2, 2, 0]
    assert table.loc["zoe", "remark"] == "no answer"
    # Others are marked although nobody wrote down what ida was about.
    assert np.isnan(table.loc["ida", "points"]) and "no line" in table.loc["ida", "remark"]
    planted.write_text("\ufeff" + text.replace(",", ";"), encoding="utf-8")
    again = mark_hunt(command).set_index("name")
    assert again["remark"].equals(table["remark"]) and again["points"].equals(table["points"])

    for line, said in {
        "anna,moire,5,4": "line 3: .*class_id",
        "anna,moire,,4": "line 3: class_id must be a whole number",
        "anna,moire,3,6": "line 3: .*severity",
        "anna,mosaic,3,4": "line 3: .*shortcut",
        "dora,moire,3,4": "line 3: dora is there twice",
    }.items():
        planted.write_text("\n".join([*lines[:2], line]))
        with pytest.raises(SystemExit) as stopped:
            mark_hunt(command)
        assert stopped.value.code and re.search(said, capsys.readouterr().err), line


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["moire", "44"], "class_id"),
        (["watermark", "-1"], "class_id"),
        (["none", "3"], "`none` has the class_id -1. Received: 3"),
        (["moire", "3", "--severity", "6"], "severity"),
        (["mosaic", "3"], "mosaic"),
        ([], "give either a mark and a class"),
        (["moire", "3", "--csv", "nowhere/points.csv"], "--csv must be in a folder"),
        (["moire", "3", "--planted", "planted.csv"], "give either a mark and a class"),
    ],
)
def test_a_wrong_truth_is_refused(mark_hunt, tmp_path, capsys, arguments, said):
    np.savez(tmp_path / "dora.npz", class_id=-1)
    with pytest.raises(SystemExit) as stopped:
        mark_hunt([str(tmp_path), *arguments])
    assert stopped.value.code and said in capsys.readouterr().err


def test_a_folder_without_answers_is_refused(mark_hunt, tmp_path, capsys):
    for folder, said in ((tmp_path / "nowhere", "must be a folder"), (tmp_path, "It has none")):
        with pytest.raises(SystemExit) as stopped:
            mark_hunt([str(folder), "moire", "3"])
        assert stopped.value.code and said in capsys.readouterr().err

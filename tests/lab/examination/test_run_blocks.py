"""What is there already is not measured again, unless an earlier version wrote less."""

import json
import types

import pandas as pd
import pytest

from keras_freq.lab.examination import comparison, run_blocks
from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.tables import write_csv, write_json

NAMED = {block.name: block for block in BLOCKS}


@pytest.fixture
def folder(tmp_path):
    """A folder with a picture of the block "one"."""
    write_json(tmp_path / "examination.json", {"seconds": {}, "warnings": {}})
    write_json(tmp_path / "page.json", {"blocks": [{"name": "one"}, {"name": "two"}]})
    return tmp_path


@pytest.mark.parametrize(
    ("stored", "again"), [({"old": [1], "new": [2]}, False), ({"old": [1]}, True)]
)
def test_a_table_of_an_earlier_version_is_measured_again(folder, monkeypatch, stored, again):
    table = pd.DataFrame({"old": [3], "new": [4]})
    block = Block(
        *("one", "One", "Read it.", None),
        measure=lambda *_, **options: table,
        draw=None,
        columns=("new",),
    )
    monkeypatch.setattr(run_blocks, "BLOCKS", [block])
    write_csv(folder / "one.csv", pd.DataFrame(stored))
    plan, told = types.SimpleNamespace(blocks=("one",)), []
    results = run_blocks.run_blocks(folder, None, plan, {}, told.append)
    assert results["one"]["new"].tolist() == [4 if again else 2]
    assert any("written by an earlier version" in one for one in told) == again
    drawn = json.loads((folder / "page.json").read_text())["blocks"]
    assert [one["name"] for one in drawn] == (["two"] if again else ["one", "two"])


@pytest.mark.parametrize(
    ("name", "stored"),
    [("filter_sweep", ["kind", "recall"]), ("corruption_errors", ["corruption", "error"])],
)
def test_tables_without_the_paired_test_are_measured_again(folder, name, stored):
    write_csv(folder / f"{name}.csv", pd.DataFrame([dict.fromkeys(stored, 0)]))
    told = []
    assert run_blocks._read(folder, NAMED[name], told.append) is None
    assert len(told) == 1
    columns = [*stored, "lost", "won", "p_value", "p_holm"]
    write_csv(folder / f"{name}.csv", pd.DataFrame([dict.fromkeys(columns, 0)]))
    assert run_blocks._read(folder, NAMED[name], told.append) is not None
    assert len(told) == 1


def test_the_table_of_exchanges_has_what_the_verdict_reads():
    assert {"fine_in_p_value", "donor_energy"} <= set(NAMED["transplants"].columns)


def test_what_several_models_have_is_compared(tmp_path):
    cues = {"phase": 0.6, "amplitude": 0.2, "preference": 0.75}
    row = {"class_id": -1, "class_name": "all", "images": 9, **cues}
    row |= {f"{cue}{end}": value for cue, value in cues.items() for end in ("_low", "_high")}
    table = pd.DataFrame([row])
    models = {
        "one": {"phase_preference": table, "seen": table, "phase_noise": table},
        "two": {"phase_preference": table, "seen": table},
        "third": {},
    }
    found = {name: types.SimpleNamespace(results=results) for name, results in models.items()}
    ((name, title, caption),) = comparison._figures(tmp_path, found)
    assert (name, title) == ("phase_preference", NAMED["phase_preference"].title)
    assert caption.endswith(" Left out for the time: third.")
    assert (tmp_path / "figures" / "phase_preference.png").exists()

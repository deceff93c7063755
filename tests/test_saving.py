"""Results in files: what is written is read again, and what is no result is refused."""

import dataclasses

import numpy as np
import pytest

from keras_freq.saving import load_npz, save_npz


@dataclasses.dataclass
class Result:
    rates: np.ndarray
    counts: np.ndarray
    class_names: list[str]
    radii: tuple[float, ...]
    kind: str
    seed: int
    strength: float


@dataclasses.dataclass
class Other:
    something: np.ndarray


RESULT = Result(
    rates=np.array([[0.1, np.nan]], np.float32),
    counts=np.arange(3),
    class_names=["ä <b>", "dog"],
    radii=(0.1, np.inf),
    kind="low-pass",
    seed=2**40,
    strength=1 / 3,
)


def test_a_result_is_read_as_it_was(tmp_path):
    save_npz(tmp_path / "folder" / "result.npz", RESULT)
    found = load_npz(tmp_path / "folder" / "result.npz", Result)
    for field in dataclasses.fields(Result):
        value, expected = getattr(found, field.name), getattr(RESULT, field.name)
        assert type(value) is type(expected)
        if isinstance(expected, np.ndarray):
            assert value.dtype == expected.dtype
            np.testing.assert_array_equal(value, expected)
        else:
            assert value == expected
    save_npz(tmp_path / "again.npz", found)
    first = (tmp_path / "folder" / "result.npz").read_bytes()
    assert first == (tmp_path / "again.npz").read_bytes()


def test_what_is_no_such_result_is_refused(tmp_path):
    save_npz(tmp_path / "other.npz", Other(np.zeros(3)))
    save_npz(tmp_path / "seeds.npz", dataclasses.replace(RESULT, seed=[1, 2]))
    np.savez(tmp_path / "pickle.npz", something=np.array([{}]))
    (tmp_path / "text.npz").write_text("no archive")
    (tmp_path / "empty.npz").write_bytes(b"")
    for name in ("other.npz", "seeds.npz", "text.npz", "empty.npz"):
        with pytest.raises(ValueError, match=rf"`Result\.save` wrote.*{name}"):
            load_npz(tmp_path / name, Result)
    with pytest.raises(ValueError, match=r"`Other\.save` wrote"):
        load_npz(tmp_path / "pickle.npz", Other)
    with pytest.raises(FileNotFoundError):
        load_npz(tmp_path / "none.npz", Result)


def test_the_number_of_an_open_file_is_no_path(tmp_path):
    with open(tmp_path / "result.npz", "w+b") as opened:
        for call in (lambda: load_npz(opened.fileno(), Result), lambda: save_npz(7, RESULT)):
            with pytest.raises(TypeError, match=r"`path` must be the path of a file"):
                call()
        opened.write(b"still open")

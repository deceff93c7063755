"""Experiment files as text: their encoding, and values that need quotes."""

import pytest

from keras_freq.lab.config import ConfigError, load_experiments, parse_experiment, to_toml

BASE = {
    "name": "demo",
    "data": {"source": "frequency_bands", "band": 1},
    "model": {"name": "AlexNetSmall"},
    "train": {"steps": 500},
}


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path):
    path = tmp_path / "demo.toml"
    text = to_toml(parse_experiment(BASE))
    path.write_text(text, encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert load_experiments(path) == [parse_experiment(BASE)]
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        path.write_text(text, encoding=encoding)
        with pytest.raises(ConfigError, match=r"demo\.toml is not a .*UTF-8, but in UTF-(16|32)"):
            load_experiments(path)


@pytest.mark.parametrize(
    ("override", "cure"),
    [
        ("data.path=2024", "--set 'data.path=\"2024\"'"),
        ("data.path=true", 'data.path="true"'),
        ("data.path=2024-05-01", "--set 'data.path=\"2024-05-01\"'"),
        ("title=7", "--set 'title=\"7\"'"),
    ],
)
def test_text_that_looks_like_a_number_needs_quotes(tmp_path, override, cure):
    path = tmp_path / "demo.toml"
    folder = {"source": "folder", "path": "x", "image_size": 32}
    path.write_text(to_toml(parse_experiment({**BASE, "data": folder})))
    with pytest.raises(ConfigError, match=r"must be text\..*Write it in quotes") as error:
        load_experiments(path, [override])
    assert cure in str(error.value)
    (experiment,) = load_experiments(path, ['data.path="2024"'])
    assert experiment.data.path == "2024"

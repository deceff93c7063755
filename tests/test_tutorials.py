"""The notebooks: each obeys the rules of the course, and runs from top to bottom."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "tutorials"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

MOST_CELLS, MOST_LINES = 20, 15
CELL_SECONDS = 1200


def cells_of(path, kind=None):
    """The cells of a notebook, or those of one kind, as dicts with their source as one text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    return [cell for cell in cells if kind in (None, cell["cell_type"])]


def test_notebooks_are_numbered_and_listed():
    numbers = [path.name[:3] for path in NOTEBOOKS]
    assert numbers == [f"{number:02d}_" for number in range(1, len(NOTEBOOKS) + 1)]
    assert len(NOTEBOOKS) == 7
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\((\d\d_\w+\.ipynb)\)", readme) == [path.name for path in NOTEBOOKS]


@each_notebook
def test_is_stored_without_outputs(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in cells_of(path, "code"):
        assert cell["outputs"] == [] and cell["execution_count"] is None


@each_notebook
def test_cells_are_few_and_short(path):
    sources = [cell["source"] for cell in cells_of(path, "code")]
    assert len(sources) <= MOST_CELLS
    assert {s.splitlines()[0]: n for s in sources if (n := len(s.splitlines())) > MOST_LINES} == {}


@each_notebook
def test_begins_with_the_question(path):
    first = cells_of(path)[0]
    assert first["cell_type"] == "markdown"
    heading, text = first["source"].split("\n", 1)
    assert heading.startswith(f"# {int(path.name[:2])}. ")
    assert re.search(r"\*\*.+\?\*\*", text), "no question in bold"
    assert "You learn" in text and re.search(r"Run time: .+ CPU cores", text)


@each_notebook
def test_sets_up_in_two_cells(path):
    install, imports = (cell["source"] for cell in cells_of(path, "code")[:2])
    assert 'ADDRESS = ""' in install and "import keras_freq\nexcept ImportError:" in install
    assert "import keras_freq as kf" in imports
    assert 'QUICK = os.environ.get("KERAS_FREQ_QUICK") == "1"' in imports
    assert re.search(r"seed", imports)


@each_notebook
def test_ends_with_two_exercises(path):
    last = cells_of(path)[-1]
    assert last["cell_type"] == "markdown"
    exercises = last["source"].split("## Exercises\n", 1)[1]
    assert re.findall(r"^(\d+)\. ", exercises, flags=re.MULTILINE) == ["1", "2"]


@each_notebook
def test_names_no_path_or_address(path):
    for cell in cells_of(path):
        # No path of somebody's machine; the first character keeps out 1/2, </div> and LaTeX.
        assert not re.search(r"""(?:^|[\s"'(=])(?:/[a-z]+/|~/|[A-Z]:\\)""", cell["source"])
        assert "index-url" not in cell["source"] and "git+" not in cell["source"]
        if cell["cell_type"] == "code":
            assert "://" not in cell["source"]


@pytest.fixture
def without_the_package(monkeypatch, tmp_path):
    """An empty working folder where `import keras_freq` fails."""
    monkeypatch.setitem(sys.modules, "keras_freq", None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_install_cell(path, address=""):
    """Runs the install cell, and returns what pip would have been given."""
    given = []
    source = cells_of(path, "code")[0]["source"].replace('ADDRESS = ""', f"ADDRESS = {address!r}")
    source, replaced = re.subn(r'%pip install --quiet "\{(\w+)\}"', r"given.append(\1)", source)
    assert replaced == 1 and "pip" not in source
    exec(source, {"given": given})
    return given


@each_notebook
def test_does_not_install_over_an_installed_package(path):
    assert run_install_cell(path, address="./anything.whl") == []


@each_notebook
@pytest.mark.parametrize("name", ["keras_freq-0.1.0-py3-none-any.whl", "keras-freq-main.zip"])
def test_installs_an_uploaded_file(path, name, without_the_package):
    (without_the_package / name).touch()
    assert run_install_cell(path) == [str(without_the_package / name)]


@each_notebook
def test_never_installs_a_bare_name(path, without_the_package):
    address = "../wheels/keras_freq.whl"
    assert run_install_cell(path, address) == [address]
    for bare in ("", "keras-freq", "keras_freq==0.1.0"):
        with pytest.raises(AssertionError, match="ADDRESS"):
            run_install_cell(path, bare)


@pytest.fixture
def kernel_environment(monkeypatch, tmp_path):
    """Environment of a kernel called "python3" that is this very interpreter."""
    jupyter = tmp_path / "jupyter"
    kernel = jupyter / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    # What the user has in the home folder is neither read nor written.
    monkeypatch.setenv("JUPYTER_PATH", str(jupyter))
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    # The other tests' backend would show no pictures in a notebook.
    return {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}


def shows_picture(cell):
    """Whether a PNG is among the outputs of an executed cell."""
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


@each_notebook
@pytest.mark.parametrize("quick", ["1", pytest.param("0", marks=pytest.mark.slow)])
def test_runs_and_shows_pictures(path, quick, kernel_environment, tmp_path):
    import nbformat
    from nbclient import NotebookClient

    photographs = "KERAS_FREQ_FLOWERS"
    wanted = photographs in path.read_text(encoding="utf-8")
    if quick == "0" and wanted and photographs not in os.environ:
        pytest.skip(f"the whole form needs photographs: set {photographs} to their folder")

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    folder = tmp_path / "working"
    folder.mkdir()
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=CELL_SECONDS, resources=resources
    )
    client.execute(env=kernel_environment | {"KERAS_FREQ_QUICK": quick})

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    pictures = [shows_picture(cell) for cell in code]
    gaps = [start for start in range(len(code) - 2) if not any(pictures[start : start + 3])]
    assert [code[start].source.splitlines()[0] for start in gaps] == []
    # A student should not meet a warning that the package could have spared them.
    errors = "".join(
        output.text
        for cell in code
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )
    assert not re.search(r"^.*(?<!Tqdm)Warning:.*$", errors, flags=re.MULTILINE), errors

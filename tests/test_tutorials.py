"""The notebooks: each obeys the rules of the course, and runs from top to bottom."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "tutorials"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SOLUTIONS = sorted((FOLDER / "solutions").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def name_of(path):
    """The name of a notebook for a test's report; solutions have the names of their tutorials."""
    return f"{path.parent.name}/{path.stem}"


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
    assert numbers == [f"{number:02d}_" for number in range(len(NOTEBOOKS))]
    assert len(NOTEBOOKS) == 8
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\((\d\d_\w+\.ipynb)\)", readme) == [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS + SOLUTIONS, ids=name_of)
def test_is_stored_without_outputs(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in cells_of(path, "code"):
        assert cell["outputs"] == [] and cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS + SOLUTIONS, ids=name_of)
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
def test_says_how_long_each_section_takes_and_has_something_to_predict(path):
    texts = [cell["source"] for cell in cells_of(path, "markdown")]
    headings = re.findall(r"^## (.+)$", "\n".join(texts), flags=re.MULTILINE)
    minutes = [re.fullmatch(r".+ · (\d+) min", heading) for heading in headings[:-1]]
    assert headings[-1] == "Exercises" and all(minutes)
    (stated,) = re.findall(r"In a lesson: (\d+) minutes", texts[0])
    assert sum(int(found[1]) for found in minutes) == int(stated)
    assert any("> **Predict before you run.**" in text for text in texts)


def test_each_tutorial_has_solutions_of_its_exercises():
    assert [path.name for path in SOLUTIONS] == [path.name for path in NOTEBOOKS]
    for path, solutions in zip(NOTEBOOKS, SOLUTIONS, strict=True):
        exercises = cells_of(path)[-1]["source"].split("## Exercises\n", 1)[1]
        named = re.findall(r"^\d+\. \*\*(.+?)\.?\*\*", exercises, flags=re.MULTILINE)
        texts = "\n".join(cell["source"] for cell in cells_of(solutions, "markdown"))
        assert re.findall(r"^## \d+\. (.+)$", texts, flags=re.MULTILINE) == named


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


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel for all notebooks, this very interpreter: TensorFlow is imported once."""
    from jupyter_client.manager import start_new_kernel

    folder = tmp_path_factory.mktemp("jupyter")
    spec_folder = folder / "kernels" / "python3"
    spec_folder.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (spec_folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        # What the user has in the home folder is neither read nor written.
        patched.setenv("JUPYTER_PATH", str(folder))
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patched.setenv(name, str(folder / name.lower()))
        # The other tests' backend would show no pictures in a notebook.
        environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
        manager, client = start_new_kernel(kernel_name="python3", env=environment)
        client.execute_interactive(IMPORTED, silent=True)
        yield manager, client
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# The search for garbage is spared what is imported, as in these tests: it takes half a second.
IMPORTED = """
import gc
import keras, keras_freq, matplotlib.pyplot, pandas, tensorflow
for name in keras_freq.__all__:
    getattr(keras_freq, name)
gc.collect()
gc.freeze()
%reset -f
"""

# What a new kernel would be like, but for the modules, which are imported already.
AFRESH = """
%reset -f
import gc, os, sys, warnings
for module in list(sys.modules.values()):
    getattr(module, "__warningregistry__", {{}}).clear()
import tensorflow
# In the quick form it takes longer to optimise a graph than to compute it once.
options = {{"disable_meta_optimizer": {quick!r} == "1"}}
tensorflow.config.optimizer.set_experimental_options(options)
os.chdir({folder!r})
os.environ["KERAS_FREQ_QUICK"] = {quick!r}
if "keras" in sys.modules:
    sys.modules["keras"].utils.clear_session()
gc.collect()
%reset -f
"""


def run_notebook(path, quick, kernel, folder):
    """Runs a notebook from top to bottom as in a new kernel, and gives it with its outputs."""
    import nbformat
    from nbclient import NotebookClient

    manager, client = kernel
    client.execute_interactive(AFRESH.format(folder=str(folder), quick=quick), silent=True)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    runner = NotebookClient(notebook, km=manager, timeout=CELL_SECONDS)
    runner.kc = client
    runner.execute(cwd=str(folder))
    return notebook


def shows_picture(cell):
    """Whether a PNG is among the outputs of an executed cell."""
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def warnings_in(code):
    """Lines of warnings in the outputs: no student should meet one that we could have spared."""
    errors = "".join(
        output.text
        for cell in code
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )
    return re.findall(r"^.*(?<!Tqdm)Warning:.*$", errors, flags=re.MULTILINE)


# Experiments switch deterministic operations on for the rest of the process: they come last.
@pytest.mark.parametrize(
    "path",
    sorted(NOTEBOOKS + SOLUTIONS, key=lambda path: (path.name.startswith("05"), path)),
    ids=name_of,
)
@pytest.mark.parametrize("quick", ["1", pytest.param("0", marks=pytest.mark.slow)])
def test_runs_and_shows_pictures(path, quick, kernel, tmp_path):
    photographs = "KERAS_FREQ_FLOWERS"
    wanted = photographs in path.read_text(encoding="utf-8")
    if quick == "0" and wanted and photographs not in os.environ:
        pytest.skip(f"the whole form needs photographs: set {photographs} to their folder")
    notebook = run_notebook(path, quick, kernel, tmp_path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    pictures = [shows_picture(cell) for cell in code]
    if path in SOLUTIONS:
        assert any(pictures)
    else:
        gaps = [start for start in range(len(code) - 2) if not any(pictures[start : start + 3])]
        assert [code[start].source.splitlines()[0] for start in gaps] == []
    assert warnings_in(code) == []

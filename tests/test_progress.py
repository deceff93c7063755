"""Progress bars: a widget or a line in a notebook, a line in a terminal, little elsewhere."""

import io
import sys
import types

import pytest
from tqdm import tqdm

from keras_freq import progress
from keras_freq.progress import MINUTE, progress_bar


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def notebook(monkeypatch):
    """A shell as IPython has in the kernel of a notebook."""
    shell = types.SimpleNamespace(kernel=object())
    ipython = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    return shell


def test_a_file_gets_a_line_a_minute():
    bar = progress_bar(total=3, task="work", mininterval=0.5, delay=0)
    assert type(bar) is tqdm
    assert bar.mininterval == bar.delay == MINUTE
    bar.close()


def test_a_terminal_gets_a_line_that_moves(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress_bar(total=3, task="work", delay=0, mininterval=0) as bar:
        bar.update(2)
    assert "work:  67%" in sys.stderr.getvalue()


def test_a_notebook_without_widgets_gets_a_line_and_no_warning(notebook, monkeypatch, capsys):
    monkeypatch.setattr(progress.importlib.util, "find_spec", lambda name: None)
    with progress_bar(total=3, task="work", delay=0, mininterval=0) as bar:
        bar.update(2)
    assert type(bar) is tqdm
    assert "work:  67%" in capsys.readouterr().err


def test_a_notebook_with_widgets_gets_a_widget(notebook, monkeypatch):
    monkeypatch.setattr(progress.importlib.util, "find_spec", lambda name: True)

    class Widget(tqdm):
        """In place of the one that needs ipywidgets."""

    monkeypatch.setitem(sys.modules, "tqdm.notebook", types.SimpleNamespace(tqdm=Widget))
    assert list(progress_bar("ab", task="letters")) == ["a", "b"]
    bar = progress_bar(total=3, task="work", shown=False)
    assert type(bar) is Widget and bar.disable


def test_a_debugger_that_loads_the_kernel_is_no_notebook(notebook):
    notebook.kernel = None
    assert type(progress_bar(total=3, task="work")) is tqdm
    assert not progress.in_notebook()

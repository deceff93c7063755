"""Progress bars: a line that moves in a terminal or notebook, at most a line a minute elsewhere."""

import importlib.util
import sys

from tqdm import tqdm

# Seconds between two lines that a file or a pipe gets.
MINUTE = 60


def progress_bar(items=None, *, task, shown=True, **options):
    """Makes a bar that shows itself after some seconds.

    In a terminal it moves. So it does in a notebook: as a widget where ipywidgets is installed, as
    in Colab, and else as a line of text. Where standard error is a file or a pipe, it prints at
    most a line a minute, so that work of less than a minute prints none.

    Args:
        items: What the bar counts while it is read. Defaults to None: call its `update`.
        task: What is going on.
        shown: Whether to show it. Defaults to True.
        **options: For `tqdm.tqdm`.

    Returns:
        A `tqdm.tqdm`.

    Example:
        >>> list(progress_bar("ab", task="letters"))
        ['a', 'b']
    """
    options |= {"desc": task}
    if not shown:  # else tqdm's environment variable may say so: TQDM_DISABLE=1
        options["disable"] = True
    if in_notebook():
        # A line of text, too, is right in a notebook; tqdm would warn that it has no widgets.
        kind = tqdm
        if importlib.util.find_spec("ipywidgets"):
            from tqdm.notebook import tqdm as kind
        return kind(items, **{"delay": 5, **options})
    if sys.stderr is not None and sys.stderr.isatty():
        return tqdm(items, **{"delay": 5, **options})
    minute = {"mininterval": MINUTE, "maxinterval": MINUTE, "delay": MINUTE}
    return tqdm(items, **{**options, **minute})


def in_notebook():
    """Whether this code runs in the kernel of a notebook.

    Example:
        >>> in_notebook()
        False
    """
    # Not whether ipykernel is loaded: the debugger of an editor loads it, too.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None

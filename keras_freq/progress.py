"""Progress bars: a line that moves in a terminal, and at most a line a minute elsewhere."""

import sys

from tqdm import tqdm

# Seconds between two lines that a file or a pipe gets.
MINUTE = 60


def progress_bar(items=None, *, task, shown=True, **options):
    """Makes a bar that shows itself after some seconds.

    In a terminal or a notebook it moves. Where standard error is a file or a pipe, it prints at
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
    moves = sys.stderr is not None and sys.stderr.isatty()
    if moves or "ipykernel" in sys.modules:
        options = {"delay": 5, **options}
    else:
        options |= {"mininterval": MINUTE, "maxinterval": MINUTE, "delay": MINUTE}
    return tqdm(items, desc=task, disable=not shown, **options)

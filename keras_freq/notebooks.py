"""What results show of themselves in notebooks: a line, small pictures of maps, a table's head."""

import base64
import html
import io

import numpy as np

# Pictures and rows of one result; a notebook is not the place for a thousand classes.
_MOST = 12
# Pixels on the screen, of the longer side.
_SIDE = 120


def result_html(result, *parts):
    """Joins the line of a result, as `repr` gives it, with what stands below it.

    Args:
        result: An object whose `repr` is `Name(text)`.
        *parts: HTML, such as of `maps_html` and `table_html`.

    Returns:
        HTML, for `_repr_html_`.

    Example:
        >>> result_html(slice(1, 2), "<p>below</p>")
        '<div><b>slice</b> 1, 2, None<p>below</p></div>'
    """
    name, _, text = repr(result).partition("(")
    return f"<div><b>{html.escape(name)}</b> {html.escape(text[:-1])}{''.join(parts)}</div>"


def maps_html(maps, names, *, colours, norm, note):
    """Shows maps side by side, each cell one square of colour.

    Args:
        maps: `(K, H, W)`, numbers; NaN is grey.
        names: K texts, below the pictures.
        colours: A matplotlib colour map.
        norm: A matplotlib scale, the same for all maps.
        note: A sentence that says what the colours mean.

    Returns:
        HTML. Of more than 12 maps it shows the first 12, and says so.

    Example:
        >>> from matplotlib.colors import Normalize
        >>> from keras_freq.colours import SEQUENTIAL
        >>> shown = maps_html(
        ...     np.eye(4)[None], ["<cat>"], colours=SEQUENTIAL, norm=Normalize(0, 1), note="Energy."
        ... )
        >>> "&lt;cat&gt;" in shown and "Energy." in shown
        True
    """
    height, width = maps.shape[1:]
    scale = _SIDE / max(height, width)
    look = (
        f"width: {width * scale:.0f}px; height: {height * scale:.0f}px; image-rendering: pixelated"
    )
    figures = [
        '<figure style="margin: 0; text-align: center">'
        f'<img style="{look}" src="{_png(colours(norm(np.ma.masked_invalid(values))))}">'
        f'<figcaption style="max-width: {_SIDE}px">{html.escape(str(name))}</figcaption></figure>'
        for values, name in list(zip(maps, names, strict=True))[:_MOST]
    ]
    row = "display: flex; flex-wrap: wrap; gap: 12px; margin: 8px 0"
    more = f" The first {_MOST} of {len(maps)} are shown." if len(maps) > _MOST else ""
    return f'<div style="{row}">{"".join(figures)}</div><div>{html.escape(note + more)}</div>'


def table_html(frame):
    """Shows the head of a table.

    Args:
        frame: A pandas DataFrame.

    Returns:
        HTML. Of more than 12 rows it shows the first 12, and says so.

    Example:
        >>> import pandas as pd
        >>> "<td>0.333</td>" in table_html(pd.DataFrame({"recall": [1 / 3]}))
        True
    """
    more = f"<div>The first {_MOST} of {len(frame)} rows.</div>" if len(frame) > _MOST else ""
    shown = frame.head(_MOST).to_html(index=False, float_format="{:.3g}".format)
    return f'<div style="overflow-x: auto">{shown}</div>{more}'


def _png(rgba):
    """The address of a picture `(H, W, 4)` in [0, 1] that holds the picture itself."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.rint(255 * rgba).astype(np.uint8)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"

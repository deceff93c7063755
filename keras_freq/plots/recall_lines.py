"""Lines of accuracy and recalls against one quantity, as several plots draw them."""

from keras_freq.plots import style

_MOST_CLASSES = 10


def classes_to_draw(tables):
    """The classes to draw, `{class_id: name}`: those of one table, if they are few."""
    if len(tables) > 1:
        return {}
    (table,) = tables.values()
    own = table[table["class_id"] >= 0].drop_duplicates("class_id")
    few = len(own) <= _MOST_CLASSES
    return dict(zip(own["class_id"], own["class_name"], strict=True)) if few else {}


def draw_recalls(ax, tables, classes, place, value="recall"):
    """Draws the share of all images that are right, thick, and the recalls of classes, thin.

    Args:
        ax: Axes.
        tables: A dict of DataFrames, of one model each: the rows to draw in their order, with
            `class_id`, `recall`, `recall_low` and `recall_high`.
        classes: Numbers of the classes to draw.
        place: Function from such rows to their horizontal places.
        value: The column to draw in the place of `recall`. Defaults to "recall".
    """
    for number, rows in enumerate(tables.values()):
        for class_id in classes:
            own = rows[rows["class_id"] == class_id]
            look = style.class_line(class_id) | {"linewidth": 1, "label": str(class_id)}
            ax.plot(place(own), own[value], **look)
        own = rows[rows["class_id"] == -1]
        look = line_of_all(number, tables)
        ax.plot(place(own), own[value], **look, linewidth=2.2, marker="o", markersize=4)
        band = own[f"{value}_low"], own[f"{value}_high"]
        ax.fill_between(place(own), *band, color=look["color"], alpha=0.15, linewidth=0)
    ax.set_ylim(-0.02, 1.02)


def line_of_all(number, tables):
    """Colour and style of the line of all images: ink, or one a model if there are several."""
    return style.class_line(number) if len(tables) > 1 else {"color": style.INK}

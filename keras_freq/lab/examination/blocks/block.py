"""What a block of an examination is: one question, its measurement, and how the page shows it."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Block:
    """One question of an examination.

    Attributes:
        name: Of its result and of its file without the ending.
        title: Its heading.
        how_to_read: How to read its pictures, in two or three sentences.
        passes: Function from an `Amount` to the number of the model's passes, roughly.
        measure: Function `(subject, results, **options)` to its result: a DataFrame or a `kind`.
            `results` are those of the blocks before, by name. Options: `seed`, `progress`,
            `checkpoint`, `executor`.
        draw: Function `(subject, results)` to its pictures: a dict from file names to a pair of
            matplotlib axes and a sentence below them.
        tell: Function `(results)` to the sentences that its section begins with, which may be none.
        headline: Function `(results)` to what the verdict may quote: a pair of its strength, from 0
            (as expected of any model) to 1, and one sentence. Or None. The verdict takes the
            strongest for which it has room.
        compare: Function of a dict from names of models to their results of this block, to a pair
            of matplotlib axes and a sentence below them, for the page that compares models. None:
            it is not compared.
        table: Function `(result)` to the DataFrame of strings that the page shows, or None.
        by: For which plans it is: "class", "all".
        lens: Whether the verdict does without it, and no other block needs its result. It is added
            where there is time left, and takes no images from the others.
        columns: Columns of its table that earlier versions did not write. A table without them is
            measured again.
        kind: The class of its result, with `save` and `load`: `NAME.npz`. None: a DataFrame,
            `NAME.csv`.
    """

    name: str
    title: str
    how_to_read: str
    passes: Callable
    measure: Callable
    draw: Callable
    tell: Callable = lambda results: []
    headline: Callable = lambda results: None
    compare: Callable | None = None
    table: Callable | None = None
    by: tuple = ("class", "all")
    lens: bool = False
    columns: tuple = ()
    kind: type | None = None

    @property
    def file(self):
        """Name of the file of its result."""
        return f"{self.name}.{'csv' if self.kind is None else 'npz'}"

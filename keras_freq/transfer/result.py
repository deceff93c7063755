"""What a transfer experiment found: a tidy frame, and its networks."""

import dataclasses
import json
from pathlib import Path

from keras_freq.transfer.runs import Run, load_model, model_path

MANIFEST = "transfer.json"
COLUMNS = ("treatment", "n", "seed", "direction", "accuracy")


@dataclasses.dataclass(frozen=True, eq=False)
class TransferResult:
    """Accuracies of a transfer experiment, and where its networks are.

    Attributes:
        frame: A DataFrame, one row a network: `treatment` ("base", "BnB", "BnB+", "AnB", "AnB+",
            "random"), `n` (copied layers; 0 for "base"), `seed`, `direction` ("A->B": trained and
            measured on task B) and `accuracy`, the share of the test images that were right. The
            row "base" of a direction is the base network of its target task.
        folder: The experiment's folder, a `Path`.
        num_layers: Layers with weights that the network has.
        class_names: `{"A": names, "B": names}`; numbers in place of names where there are none.
    """

    frame: object
    folder: Path
    num_layers: int
    class_names: dict
    _keep: object = dataclasses.field(default=None, init=False, repr=False)

    def __repr__(self):
        return (
            f"TransferResult({len(self.frame)} networks of {self.num_layers} layers, "
            f"{len(self.class_names['A'])} and {len(self.class_names['B'])} classes, "
            f"{str(self.folder)!r})"
        )

    def model(self, treatment, n=0, seed=None, direction="A->B", *, custom_objects=None):
        """Loads the network of a run.

        Args:
            treatment: As in the frame.
            n: Number of copied layers; 0 for "base".
            seed: Which seed; None: the only one there is.
            direction: "A->B" or "B->A". `model("base", direction="B->A")` is base A.
            custom_objects: As in `keras.models.load_model`; not needed for the layers of this
                package, nor for registered ones.

        Returns:
            A `keras.Model`, as it was when its training ended. Layers that were frozen still have
            `trainable=False`.

        Raises:
            ValueError: If there is no such run, or its network was not kept.
        """
        if seed is None:
            seeds = self.frame["seed"].unique()
            if len(seeds) > 1:
                raise ValueError(
                    f"`seed` must be one of {', '.join(map(str, seeds))}. Received: seed=None"
                )
            seed = seeds[0]
        run = Run(str(treatment), int(n), int(seed), str(direction))
        path = model_path(self.folder, run)
        if not path.exists():
            raise ValueError(
                f"There is no network of {run} in {str(self.folder)!r}. See `frame` for the runs "
                "there are; with `save_models=False` only the base networks are kept"
            )
        return load_model(path, custom_objects)

    @classmethod
    def load(cls, folder):
        """Reads all finished runs of a folder.

        Args:
            folder: The `folder` of a `layerwise_transfer`, finished or not.

        Returns:
            A `TransferResult`.

        Raises:
            ValueError: If the folder holds no transfer experiment.
        """
        folder = Path(folder).absolute()
        path = folder / MANIFEST
        if not path.exists():
            raise ValueError(
                "`folder` must be one that `layerwise_transfer` has written to. "
                f"Received: folder={str(folder)!r}, which has no {MANIFEST}"
            )
        settings = json.loads(path.read_text(encoding="utf-8"))
        texts = [
            one.read_text(encoding="utf-8") for one in sorted((folder / "runs").glob("[!.]*.json"))
        ]
        return cls._of(folder, [json.loads(text) for text in texts], settings)

    @classmethod
    def _of(cls, folder, records, settings, keep=None):
        """A result from the records of its runs; `keep` is a temporary folder to hold on to."""
        import pandas as pd

        frame = pd.DataFrame(records, columns=list(COLUMNS))
        order = {name: i for i, name in enumerate(("base", "BnB", "BnB+", "AnB", "AnB+", "random"))}
        frame = frame.sort_values(
            ["direction", "seed", "treatment", "n"],
            key=lambda column: column.map(order) if column.name == "treatment" else column,
            ignore_index=True,
        )
        names = {
            task: given if isinstance(given, list) else [str(k) for k in range(given)]
            for task, given in zip("AB", settings["classes"], strict=True)
        }
        result = cls(frame, Path(folder), settings["layers_of_network"], names)
        object.__setattr__(result, "_keep", keep)
        return result

"""The folder of a transfer experiment: which one it is, and what in it is done."""

import json
import shutil
import tempfile
import weakref
from pathlib import Path

from keras_freq.saving import atomic_path
from keras_freq.transfer.result import MANIFEST
from keras_freq.transfer.runs import model_path, read_record


class TemporaryFolder:
    """A folder that goes when nothing holds on to this any more, or when Python ends."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="transfer-")
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def opened(folder, settings):
    """Makes the folder ready, or raises if it holds anything else than this experiment."""
    folder = Path(folder).absolute()
    path = folder / MANIFEST
    if path.exists():
        there = json.loads(path.read_text(encoding="utf-8"))
        differing = [key for key in settings if there.get(key) != settings[key]]
        if differing:
            told = "; ".join(
                f"{key} was {_short(there.get(key))} and is {_short(settings[key])}"
                for key in differing
            )
            raise ValueError(
                "`folder` must be that of this same experiment, or not exist: delete it or name "
                f"another. Received: folder={str(folder)!r}, where {told}"
            )
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(
            "`folder` must be empty, not exist, or hold this same experiment. "
            f"Received: folder={str(folder)!r}, which has other content"
        )
    else:
        try:
            with atomic_path(path) as temporary:
                temporary.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise ValueError(
                f"`folder` must be a folder that can be written. Received: {str(folder)!r} "
                f"({error.strerror or error})"
            ) from error
    for leftover in folder.rglob(".*.partial*"):
        leftover.unlink()
    return folder


def is_done(folder, run, save_models):
    """Whether a run and what is needed of it are on disk."""
    if read_record(folder, run) is None:
        return False
    needs_model = save_models or run.treatment == "base"
    return not needs_model or model_path(folder, run).exists()


def _short(value):
    """A setting in a few characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

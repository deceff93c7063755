"""A sweep: several experiments, each in a folder of its own, and the page that compares them."""

from pathlib import Path

import keras

from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.experiment import run_experiment
from keras_freq.lab.store import RunningElsewhereError, check_results, run_state, say


def run_sweep(experiments, folder, *, command="", progress=True, executor=None):
    """Runs several experiments into one folder, each into a folder of its name, and compares them.

    Runs that are done are not repeated, and a run of another process is left to it: the same sweep
    may be started several times at once, to share the work.

    Args:
        experiments: A list of `Experiment` of different names.
        folder: The sweep's folder. Beside the runs' folders it gets `report.html`, which compares
            them, the tables behind it and `figures/`.
        command: The command line that repeats the sweep.
        progress: Whether to show progress.
        executor: A `concurrent.futures.Executor` for the long parts, as from
            `keras_freq.lab.workers.executor_of`. Defaults to computing in this process.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any run, if a folder is not usable or holds another experiment; after
            all runs, if some of them failed.
    """
    from keras_freq.lab.pages.sweep_page import write_sweep_page

    folder = Path(folder)
    for experiment in experiments:
        check_results(folder / experiment.name, experiment)
    failed = {}
    # A run may need the maps of a later one: such runs are tried a second time.
    again = [e for e in experiments if e.augmentation.recipe == "dfm_x"]
    for experiment in (*experiments, *again):
        name = experiment.name
        if run_state(folder / name) == "done":
            continue
        if progress:
            say(f"run {experiments.index(experiment) + 1} of {len(experiments)}: {name}")
        failed.pop(name, None)
        keras.utils.clear_session()
        try:
            options = {"command": command, "progress": progress, "executor": executor}
            run_experiment(experiment, folder / name, **options)
        except RunningElsewhereError as error:
            say(str(error))
        except ValueError as error:  # the other runs do not depend on it
            failed[name] = error
    if any(run_state(folder / experiment.name) == "done" for experiment in experiments):
        page = write_sweep_page(folder, command=command)
        if progress:
            say(f"the runs side by side: {page}")
    if failed:
        raise ConfigError(_failures(failed, len(experiments))) from next(iter(failed.values()))
    return folder


def _failures(failed, total):
    """Makes one message for the runs that failed, with a line for each error."""
    names = {}
    for name, error in failed.items():
        names.setdefault(str(error), []).append(name)
    lines = [f"{message} ({'; '.join(runs)})" for message, runs in names.items()]
    return "\n".join([f"{len(failed)} of {total} runs failed:", *lines])

"""The command `keras-freq`. TensorFlow is loaded only once there is work for it."""

import argparse
import collections
import contextlib
import errno
import os
import shlex
import sys
import warnings
from pathlib import Path

from keras_freq import __version__
from keras_freq.lab.command_words import in_words_of

# A full disk or quota, a limit, and a folder that must not be written.
_DISK_ERRORS = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO),
)
DESCRIPTION = "What has a Keras image classifier learned in the frequency domain?"


def main(arguments=None):
    """Runs the command line.

    Args:
        arguments: A list of strings. Defaults to `sys.argv[1:]`.

    Returns:
        The exit status: 0, or 2 for an error of the user's, with one message, or 130 when
        interrupted.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    os.environ.setdefault("MPLBACKEND", "Agg")  # figures need no window
    command = options.work.__name__.removeprefix("_")
    try:
        with _plain_warnings(command):
            return options.work(options, arguments)
    except KeyboardInterrupt:
        _complain("interrupted. The same command again resumes where it stopped")
        return 130
    except (ValueError, TypeError, OSError) as error:
        if options.debug:
            raise
        _complain(in_words_of(command, _reason(error)))
        return 2


@contextlib.contextmanager
def _plain_warnings(command):
    """Prints warnings in a command's words, without the line of Python that warns."""
    python_form = warnings.formatwarning

    def plain(message, *_, **__):
        return f"keras-freq: warning: {in_words_of(command, str(message))}\n"

    warnings.formatwarning = plain
    try:
        yield
    finally:
        warnings.formatwarning = python_form


def _reason(error):
    """Says in one message why a command has ended."""
    if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
        return (
            f"cannot write {error.filename or 'a file'}: {error.strerror}. Every file that is "
            "there is whole, and the same command again resumes where it stopped"
        )
    return str(error) or type(error).__name__


def _complain(message):
    """Prints one message on standard error."""
    print(f"keras-freq: {message}", file=sys.stderr)


def _parser():
    """Makes the parser of all commands."""
    parser = argparse.ArgumentParser(prog="keras-freq", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"keras-freq {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = _command(commands, _run, "run", "run an experiment file, or go on with it")
    add("config", metavar="CONFIG", help="the experiment file (TOML)")
    out = (
        "results folder. Default: runs/NAME, where NAME is the file's name, and with --quick "
        "runs/NAME-quick. A sweep makes a folder in it for each run, a transfer experiment for "
        "each split of the classes"
    )
    add("--out", metavar="DIR", help=out)
    change = "replace a key of the file, such as train.steps=100; may be repeated"
    add("--set", metavar="KEY=VALUE", action="append", default=[], help=change)
    add("--quick", action="store_true", help="a run of seconds, only to see that it works")
    states = "run nothing, and show which runs (or networks of a transfer experiment) are done"
    add("--list", action="store_true", help=states)
    _add_workers(add)

    purpose = "examine a saved model: which frequencies does it rely on, are they a shortcut"
    add = _command(commands, _examine, "examine", purpose)
    model = "a saved Keras model: .keras, .h5 or a SavedModel folder"
    add("model", metavar="MODEL", help=model)
    data = (
        "a folder of class folders, or of train and test with such folders; a CSV file with the "
        "columns file and label; an .npz file with the arrays images (N, H, W, C), from 0 to 255 "
        "or in [0, 1], and labels (N,), which count the model's outputs from 0 (or x_train, "
        "y_train, x_test and y_test); frequency_bands/b1 to b4; or the name of a TFDS data set "
        "with the splits train and test"
    )
    add("data", metavar="DATA", help=data)
    add("--out", metavar="DIR", required=True, help="results folder")
    time = (
        "how long it may take, roughly; less time means fewer images, then fewer questions "
        "(default: 5)"
    )
    add("--minutes", metavar="N", type=float, default=5.0, help=time)
    values = (
        "the values that the model takes: 0..1, 0..255, -1..1, torch or caffe (default: those with "
        "which it is right most often)"
    )
    add("--inputs", metavar="RANGE", help=values)
    order = (
        "the names of the model's outputs, in their order, or a text file with one name a line "
        "(default: the class folders in the order of their names; of numbers, if all are numbers)"
    )
    add("--classes", metavar="NAME", nargs="+", help=order)
    others = "another model to examine on the same images; may be repeated"
    add("--compare", metavar="MODEL", action="append", default=[], help=others)
    module = (
        "a Python file with the layers and models of your own that MODEL is made of. It is run. "
        "May be repeated"
    )
    add("--import", metavar="FILE.py", action="append", default=[], dest="modules", help=module)
    logits = "whether the model's outputs are logits (default: find out)"
    add("--from-logits", action=argparse.BooleanOptionalAction, help=logits)
    side = "the side of the images in pixels, for a model that takes any size"
    add("--size", metavar="N", type=int, help=side)
    resized = "how images get the model's size (default: stretch, as Keras' loader does)"
    add("--resize", choices=["stretch", "crop"], default="stretch", help=resized)
    folded = "remove what a smaller image cannot show (default: do not, as Keras' loader)"
    add("--antialias", action=argparse.BooleanOptionalAction, default=False, help=folded)
    broken = "what to do with broken image files: stop, or leave them out (default: raise)"
    add("--on-error", choices=["raise", "skip"], default="raise", help=broken)
    add("--seed", metavar="N", type=int, default=0, help="default: 0")
    _add_workers(add)

    add = _command(commands, _report, "report", "write report.html of a results folder again")
    add("folder", metavar="DIR", help="a results folder of `keras-freq run` or `examine`")

    purpose = "list models, data sets, experiment files, or their keys"
    add = _command(commands, _list, "list", purpose)
    kinds = ["models", "data", "configs", "keys"]
    add("what", nargs="?", choices=kinds, help="default: all but keys, which are many")
    return parser


def _command(commands, work, name, purpose):
    """Adds a command, which calls `work`, and returns what adds an argument to it."""
    command = commands.add_parser(name, help=purpose, description=f"{purpose.capitalize()}.")
    command.set_defaults(work=work)
    command.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    return command.add_argument


def _add_workers(add):
    """Adds the options of a long command that say where it runs."""
    add("--workers", metavar="N", type=int, help="compute in N processes on this machine")
    cluster = (
        "compute on the Dask cluster whose scheduler has this address, such as "
        "tcp://10.0.0.1:8786. Its workers must see the results folder under the same path"
    )
    add("--scheduler", metavar="ADDRESS", help=cluster)


def _run(options, arguments):
    """Does `keras-freq run`."""
    from keras_freq.lab.config import TransferExperiment, load_experiments
    from keras_freq.lab.early_checks import check_run
    from keras_freq.lab.quiet_start import import_tensorflow_quietly
    from keras_freq.lab.workers import executor_of

    experiments = load_experiments(options.config, options.set, quick=options.quick)
    base = Path(options.config).stem + ("-quick" if options.quick else "")
    out = Path(options.out or Path("runs") / base)
    if options.list:
        _show_states(experiments, out, sys.stdout)
        return 0
    if len(experiments) > 1:
        _show_states(experiments, out, sys.stderr)
    command = shlex.join(["keras-freq", *arguments])
    with executor_of(options.workers, options.scheduler) as executor:
        check_run(experiments, out)
        import_tensorflow_quietly()
        from keras_freq.lab.experiments import run_experiment, run_sweep, run_transfer

        if len(experiments) > 1:
            run_sweep(experiments, out, command=command, executor=executor)
        elif isinstance(experiments[0], TransferExperiment):
            run_transfer(experiments[0], out, command=command, executor=executor)
        else:
            run_experiment(experiments[0], out, command=command, executor=executor)
    return 0


def _show_states(experiments, out, file):
    """Prints which runs are done, running, begun and left."""
    from keras_freq.lab.config import TransferExperiment
    from keras_freq.lab.store import network_counts, run_state

    single = len(experiments) == 1
    states = {e.name: run_state(out if single else out / e.name) for e in experiments}
    counts = collections.Counter(states.values())
    words = ("done", "running", "begun", "left")
    print(f"{out}: {', '.join(f'{counts[s]} {s}' for s in words if counts[s])}", file=file)
    for name, state in states.items():
        print(f"  {state:8}{name}", file=file)
    if isinstance(experiments[0], TransferExperiment):
        for split, (done, planned) in network_counts(experiments[0], out).items():
            print(f"  {done} of {planned or 'all'} networks  {split}", file=file)


def _examine(options, arguments):
    """Does `keras-freq examine`."""
    from keras_freq.lab.early_checks import check_examination
    from keras_freq.lab.quiet_start import import_tensorflow_quietly
    from keras_freq.lab.workers import executor_of

    with executor_of(options.workers, options.scheduler) as executor:
        check_examination(options)
        import_tensorflow_quietly()
        from keras_freq.lab.examination import examine, examine_several

        given = {
            "minutes": options.minutes,
            "inputs": options.inputs,
            "classes": options.classes,
            "modules": options.modules,
            "image_size": options.size,
            "from_logits": options.from_logits,
            "resize": options.resize,
            "antialias": options.antialias,
            "on_error": options.on_error,
            "seed": options.seed,
            "executor": executor,
            "command": shlex.join(["keras-freq", *arguments]),
        }
        if options.compare:
            models = [options.model, *options.compare]
            page, found = examine_several(models, options.data, out=options.out, **given)
        else:
            found = [examine(options.model, options.data, out=options.out, **given)]
            page = found[0].folder / "report.html"
    for examination in found:
        print(examination)
    print(f"written to {page}")
    return 0


def _report(options, _arguments):
    """Does `keras-freq report`."""
    from keras_freq.lab.pages import write_report

    print(write_report(options.folder))
    return 0


def _list(options, _arguments):
    """Does `keras-freq list`."""
    if options.what == "keys":
        from keras_freq.lab.config.keys_listing import key_lines

        print("\n".join(key_lines()))
        return 0
    from keras_freq.lab.listings import config_lines, data_lines, model_lines

    listings = {"models": model_lines, "data": data_lines, "configs": config_lines}
    for name in [options.what] if options.what else listings:
        print(f"{name}:")
        for line in listings[name]():
            print(f"  {line}")
    return 0

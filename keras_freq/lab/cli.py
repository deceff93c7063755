"""The command `keras-freq`. TensorFlow is loaded only once there is work for it."""

import argparse
import collections
import os
import shlex
import sys
from pathlib import Path

from keras_freq._version import __version__

DESCRIPTION = "What has a Keras image classifier learned in the frequency domain?"


def main(arguments=None):
    """Run the command line.

    Args:
        arguments: List of strings; `sys.argv[1:]` if None.

    Returns:
        The exit status: 0, or 2 for an error of the user's, with one message, or 130 when
        interrupted.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    try:
        return options.work(options, arguments)
    except KeyboardInterrupt:
        _complain("interrupted. The same command again resumes where it stopped")
        return 130
    except (ValueError, TypeError, OSError) as error:
        if options.debug:
            raise
        _complain(str(error) or type(error).__name__)
        return 2


def _complain(message):
    """One message on standard error."""
    print(f"keras-freq: {message}", file=sys.stderr)


def _parser():
    """The parser of all commands."""
    parser = argparse.ArgumentParser(prog="keras-freq", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"keras-freq {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run an experiment file, or go on with it")
    run.add_argument("config", metavar="CONFIG", help="the experiment file (TOML)")
    run.add_argument(
        "--out",
        metavar="DIR",
        help="results folder (default: runs/ and the file's name, with --quick NAME-quick); a "
        "sweep makes one folder in it for each run, a transfer experiment one for each split of "
        "the classes",
    )
    run.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="replace a key of the file, such as train.steps=100; may be repeated",
    )
    run.add_argument(
        "--quick", action="store_true", help="a run of seconds, only to see that it works"
    )
    run.add_argument(
        "--list",
        action="store_true",
        help="only tell which runs, or networks of a transfer experiment, are done and left",
    )
    run.set_defaults(work=_run)

    dominance = commands.add_parser(
        "dominance", help="find the frequencies that a saved model relies on"
    )
    dominance.add_argument(
        "model",
        metavar="MODEL.keras",
        help="a saved Keras model, from images in [0, 1] to scores of the classes in the order of "
        "their names",
    )
    dominance.add_argument(
        "data",
        metavar="DATA",
        help="a folder of class folders, frequency_bands/b1 to b4, or the name of a TFDS data set "
        "with the splits train and test",
    )
    dominance.add_argument("--out", metavar="DIR", required=True, help="results folder")
    dominance.add_argument(
        "--method", choices=["screened", "exhaustive"], default="screened", help="default: screened"
    )
    dominance.add_argument(
        "--fractions",
        metavar="F",
        type=float,
        nargs="+",
        default=[0.01, 0.05, 0.1],
        help="shares of the spectrum in a map (default: 0.01 0.05 0.1)",
    )
    dominance.add_argument(
        "--images-per-class", metavar="N", type=int, default=50, help="to search on (default: 50)"
    )
    dominance.add_argument(
        "--on-error",
        choices=["raise", "skip"],
        default="raise",
        help="of broken image files: skip leaves them out (default: raise)",
    )
    dominance.add_argument(
        "--from-logits",
        action=argparse.BooleanOptionalAction,
        help="whether the model's scores are logits, or probabilities (default: find out)",
    )
    dominance.add_argument("--seed", metavar="N", type=int, default=0, help="default: 0")
    dominance.set_defaults(work=_dominance)

    report = commands.add_parser("report", help="write report.html of a results folder again")
    report.add_argument(
        "folder", metavar="DIR", help="a results folder of `keras-freq run`, or of a sweep"
    )
    report.set_defaults(work=_report)

    listing = commands.add_parser(
        "list", help="list models, data sets, experiment files, or the keys of these"
    )
    listing.add_argument(
        "what",
        nargs="?",
        choices=["models", "data", "configs", "keys"],
        help="default: all but keys, which are many",
    )
    listing.set_defaults(work=_list)

    for command in (run, dominance, report, listing):
        command.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    return parser


def _run(options, arguments):
    """`keras-freq run`."""
    from keras_freq.lab.config import TransferExperiment, load_experiments

    experiments = load_experiments(options.config, options.set, quick=options.quick)
    base = Path(options.config).stem + ("-quick" if options.quick else "")
    out = Path(options.out or Path("runs") / base)
    if options.list:
        _show_states(experiments, out, sys.stdout)
        return 0
    if len(experiments) > 1:
        _show_states(experiments, out, sys.stderr)
    _quiet_tensorflow()
    from keras_freq.lab.experiments import run_experiment, run_sweep, run_transfer

    command = shlex.join(["keras-freq", *arguments])
    if isinstance(experiments[0], TransferExperiment):
        run_transfer(experiments[0], out, command=command)
    elif len(experiments) > 1:
        run_sweep(experiments, out, command=command)
    else:
        run_experiment(experiments[0], out, command=command)
    return 0


def _show_states(experiments, out, file):
    """Which runs are done, running, begun and left."""
    from keras_freq.lab.config import TransferExperiment
    from keras_freq.lab.run_states import network_counts, run_state

    single = len(experiments) == 1
    states = {e.name: run_state(out if single else out / e.name) for e in experiments}
    counts = collections.Counter(states.values())
    summary = ", ".join(
        f"{counts[s]} {s}" for s in ("done", "running", "begun", "left") if counts[s]
    )
    print(f"{out}: {summary}", file=file)
    for name, state in states.items():
        print(f"  {state:8}{name}", file=file)
    if isinstance(experiments[0], TransferExperiment):
        for split, (done, planned) in network_counts(experiments[0], out).items():
            print(f"  {done} of {planned or 'all'} networks  {split}", file=file)


def _dominance(options, _arguments):
    """`keras-freq dominance`."""
    from keras_freq.lab.config import ConfigError
    from keras_freq.lab.config.schema import AnalysisTable

    try:
        settings = AnalysisTable(
            method=options.method,
            fractions=options.fractions,
            images_per_class=options.images_per_class,
        )
    except ValueError:
        raise ConfigError(
            "--fractions must be in (0, 1], and --images-per-class at least 1. "
            f"Received: {options.fractions}, {options.images_per_class}"
        ) from None
    _quiet_tensorflow()
    from keras_freq.lab.experiments import run_dominance

    folder = run_dominance(
        options.model,
        options.data,
        options.out,
        settings,
        on_error=options.on_error,
        from_logits=options.from_logits,
        seed=options.seed,
    )
    _print_rates(folder / "rates.csv")
    return 0


def _print_rates(path):
    """The rates of every map as a table on standard output."""
    from keras_freq.lab.store import read_table

    rates = read_table(path)
    shown = ["fraction", "class_name", "cells", "tpr", "random_tpr_high", "fpr", "random_fpr_high"]
    print(rates[[*shown, "verdict"]].to_string(index=False, float_format="{:.3g}".format))
    print(f"written to {path.parent}")


def _quiet_tensorflow():
    """Keep TensorFlow's start-up chatter out of the terminal; errors still show."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("MPLBACKEND", "Agg")


def _report(options, _arguments):
    """`keras-freq report`."""
    from keras_freq.lab.pages import write_report
    from keras_freq.lab.pages.comparison import is_sweep, write_comparison
    from keras_freq.lab.pages.transfer import is_transfer, write_transfer_report

    write = write_comparison if is_sweep(options.folder) else write_report
    write = write_transfer_report if is_transfer(options.folder) else write
    print(write(options.folder))
    return 0


def _list(options, _arguments):
    """`keras-freq list`."""
    if options.what == "keys":
        from keras_freq.lab.config.reference import key_lines

        print("\n".join(key_lines()))
        return 0
    listings = {"models": _list_models, "data": _list_data, "configs": _list_configs}
    for name in [options.what] if options.what else listings:
        print(f"{name}:")
        for line in listings[name]():
            print(f"  {line}")
    return 0


def _list_models():
    """A table of the models: name, input, parameters, multiply-adds, source."""
    from keras_freq.models import describe

    lines = [f"{'name':15} {'input':>11} {'parameters':>11} {'multiply-adds':>14}  source"]
    for model in describe():
        size = "x".join(map(str, model["input"]))
        lines.append(
            f"{model['name']:15} {size:>11} {model['parameters']:11,} "
            f"{model['multiply_adds']:14,}  {model['source']}"
        )
    return lines


def _list_data():
    """One line a data source."""
    return [
        "frequency_bands  synthetic sets B1 to B4, whose frequencies are known   band = 1",
        'folder           one folder of images for each class                   path = "..."',
        'imagenet10       ten classes of ImageNet, out of its folders or TFDS   path = "..."',
        'tfds             a set of TensorFlow Datasets                          name = "cifar10"',
    ]


def _list_configs():
    """One line an experiment file in `configs/`, with its purpose."""
    files = sorted(Path("configs").glob("*.toml"))
    if not files:
        return ["(no configs/*.toml in this folder)"]
    width = max(len(str(file)) for file in files)
    return [f"{file!s:{width}}  {_purpose(file)}" for file in files]


def _purpose(file):
    """The first comment line of an experiment file."""
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("#").strip()

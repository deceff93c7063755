"""What the lab runs, each in a file of its own: an experiment, a sweep, a transfer experiment. Each
writes one results folder, and resumes what it finds there.
"""

from keras_freq.lab.experiments.experiment import run_experiment
from keras_freq.lab.experiments.sweep import run_sweep
from keras_freq.lab.experiments.transfer import run_transfer

__all__ = ["run_experiment", "run_sweep", "run_transfer"]

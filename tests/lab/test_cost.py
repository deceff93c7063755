"""What the analyses of an experiment cost, said beforehand, against what was paid."""

import numpy as np

from keras_freq.importance import FrequencyImportance
from keras_freq.lab.config.experiment_schema import AnalysisTable
from keras_freq.lab.experiments.cost import analysis_passes
from keras_freq.lab.tables import read_table


def test_exhaustive_searches_and_rates_are_counted():
    settings = AnalysisTable(
        method="exhaustive", images_per_class=5, fractions=[0.1], random_maps=40, transplants=[]
    )
    found = analysis_passes(settings, (8, 8), np.array([9, 3]), np.array([10, 20]))
    pairs = 34  # of 64 cells 4 are their own conjugates
    assert found == (5 + 3) * pairs + 30 * (2 + 40) + 30 * (2 + 40)


def test_the_cost_of_a_finished_run_is_about_right(finished, tiny):
    importance = FrequencyImportance.load(finished / "importance.npz")
    rates = read_table(finished / "rates.csv")
    scored = rates.drop_duplicates("class_id")["positives"].to_numpy()
    size = importance.loss_change.shape[1:]
    settings = tiny.analysis.model_copy(update={"transplants": []})
    found = analysis_passes(settings, size, importance.images, scored)
    num_classes, images = len(scored), scored.sum()
    tests = len(settings.fractions) * images * (num_classes + 2 + 2 * settings.random_maps)
    assert 0.3 < (found - tests) / importance.evaluations < 3

"""Tables of exchanges whose truth is known."""

import pandas as pd

from keras_freq.lab.examination.blocks.which_frequencies import NO_WAVE

SHORTCUT = {"swapped_in": 0.35, "in_p_value": 1 / 201, "in_donor_p_value": 1e-9}


def exchanged(*rows):
    """A table of exchanges, with what a test changes."""
    plain = {
        "cells": 10, "untouched_in": 0.05, "swapped_in": 0.06, "random_in": 0.05, "other_in": 0.05,
        "in_p_value": 0.4, "in_donor_p_value": 0.4, "untouched_out": 0.9, "swapped_out": 0.88,
        "random_out": 0.89, "same_out": 0.9, "out_p_value": 0.5, "out_donor_p_value": 0.5,
        "positives": 60, "negatives": 120, "num_random": 200, "what": "content",
        "donor_energy": 0.2, "fine_cells": 4, "fine_in": 0.35, "fine_other_in": 0.05,
        "fine_random_in": 0.05, "fine_in_p_value": 0.024, "fine_in_donor_p_value": 1e-9,
        "has_dc": False, "random_overlap": 0.0, "fine_wave": NO_WAVE, "mean_in": 0.06,
        "mean_other_in": 0.05, "mean_p_holm": 0.5,
    }  # fmt: skip
    named = [{"class_id": k, "class_name": f"C{k}"} for k in range(len(rows))]
    return pd.DataFrame([key | plain | row for key, row in zip(named, rows, strict=True)])

"""Sentences that compare answers to the same images do so image by image, not by intervals."""

import numpy as np
import pandas as pd
import pytest

from keras_freq.lab.examination.blocks import error_by_corruption, phase_or_amplitude
from keras_freq.lenses.named_cues import named_cues
from keras_freq.lenses.paired_with_untouched import with_paired_test
from keras_freq.metrics.recall_rows import recall_rows


def corruptions(*changes):
    """Errors of 200 images, 40 of them untouched, from those lost and won by each corruption."""
    conditions = [("none", 0), *((f"noise_{k}", 5) for k in range(len(changes)))]
    lost, won = np.array([(0, 0), *changes]).T[:, :, None]
    table = pd.concat(
        [
            recall_rows(wrong, [200], ["one"], corruption=name, severity=severity)
            for (name, severity), wrong in zip(conditions, 40 + lost - won, strict=True)
        ],
        ignore_index=True,
    ).rename(columns=lambda column: column.replace("recall", "error"))
    counts = {"lost": lost, "won": won}
    return {"corruption_errors": with_paired_test(table, counts, [], untouched=0)}


def test_a_corruption_that_harms_is_told_though_the_intervals_overlap():
    block, found = error_by_corruption.BLOCK, corruptions((12, 0), (60, 45))
    table = found["corruption_errors"]
    assert table["error_low"][2:].min() < table["error_high"][0]
    (sentence,) = block.tell(found)
    # Another one has more errors, and that may be chance.
    assert sentence == (
        "Noise 0 of severity 5 harms it most: 26 % of 200 images are then wrong, and 20 % of them "
        "untouched (p = 0.00049, corrected for 2 corruptions)."
    )
    assert block.headline(found) == (pytest.approx(0.03), sentence)


def test_a_corruption_that_may_do_nothing_is_no_headline():
    block, found = error_by_corruption.BLOCK, corruptions((3, 0), (60, 45))
    (sentence,) = block.tell(found)
    assert sentence.startswith("That any corruption harms it is not shown. It is most often wrong ")
    assert "with noise 1 of severity 5: 28 % of 200 images" in sentence
    assert block.headline(found) is None


@pytest.mark.parametrize(
    ("phase", "meaning"),
    [(61, "as people do."), (55, "24 %."), (39, "goes by textures, contrasts or colours.")],
)
def test_phases_and_amplitudes_are_compared_among_the_images_that_name_one(phase, meaning):
    """Of 190 images 100 are given one of the two."""
    amplitude = 100 - phase
    answers = np.repeat([0, 1, 2], [phase, amplitude, 90])
    options = {"cues": ("phase", "amplitude"), "preference": "preference"}
    table = named_cues(answers, 0 * answers, 0 * answers + 1, ["a", "b", "c"], **options)
    row = table.iloc[-1]
    assert row["phase_low"] < row["amplitude_high"] and row["amplitude_low"] < row["phase_high"]
    (sentence,) = phase_or_amplitude.BLOCK.tell({"phase_preference": table})
    assert sentence.endswith(meaning)
    assert (": it goes by" in sentence) == (phase != 55)

"""The sentence of what a class loses without its map."""

import pandas as pd
import pytest

from keras_freq.lab.examination.blocks.removed import BLOCK


@pytest.mark.parametrize(("share", "looks"), [(0.4, False), (0.6, True), (None, False)])
def test_what_is_most_of_the_picture_is_said_to_be_so(share, looks):
    lost = {
        "class_id": [0, 1], "class_name": ["cat", "dog"], "images": [40, 40], "recall": [0.9, 0.8],
        "recall_without": [0.1, 0.8], "random_recall": [0.9, 0.8], "is_needed": [True, False],
    }  # fmt: skip
    results = {"without_maps": pd.DataFrame(lost)}
    if share is not None:
        moved = {"class_id": [0, 1], "donor_energy": [share, 0.9]}
        results["transplants"] = pd.DataFrame(moved)
    (told,) = BLOCK.tell(results)
    assert told.startswith(
        "The recall of cat hangs on few frequencies: without the 5 % in its map it"
    )
    assert told.endswith("they hold most of the energy.") == looks

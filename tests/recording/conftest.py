"""A training by hand, which several files compare with."""

import numpy as np
import pytest
from recording_cases import predictions_by_hand


@pytest.fixture(scope="session")
def by_hand():
    """Four epochs, twelve batches."""
    record = predictions_by_hand(epochs=4)
    # The test data is such that predictions change, and are neither all right nor all wrong.
    accuracies = [np.mean(labels == predicted) for labels, predicted in record]
    assert len(set(accuracies)) > 3
    return record

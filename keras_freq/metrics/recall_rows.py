"""Tables of recalls: a row for each class and one for all images, with intervals."""

import numpy as np
import pandas as pd

from keras_freq.metrics import wilson_interval
from keras_freq.metrics.rates import ratio


def recall_rows(right, asked, class_names, **columns):
    """Makes the rows of one condition.

    Args:
        right: `(K,)` int, the images of each class that are given their class.
        asked: `(K,)` int, the images of each class.
        class_names: K names.
        **columns: What comes first, the same in all rows.

    Returns:
        A pandas DataFrame of K + 1 rows: `columns`, `class_id` (-1: all), `class_name`, `images`,
        `recall`, `recall_low` and `recall_high`, a 95 % Wilson interval. NaN without images.

    Example:
        >>> recall_rows([1, 2], [2, 2], ["cat", "dog"], kind="low-pass")["recall"].tolist()
        [0.5, 1.0, 0.75]
    """
    right, asked = (np.append(counts, np.sum(counts)) for counts in (right, asked))
    low, high = wilson_interval(right, asked)
    return pd.DataFrame(
        {
            **columns,
            "class_id": [*range(len(class_names)), -1],
            "class_name": [*class_names, "all"],
            "images": asked,
            "recall": ratio(right, asked),
            "recall_low": low,
            "recall_high": high,
        }
    )

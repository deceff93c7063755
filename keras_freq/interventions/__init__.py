"""One engine below every analysis: change images, and collect what the model answers, by class.

An *intervention* is something that is done to images, with M sets of parameters: a mask kept, a
pair of frequencies removed. It is a plain object with three things:

- `len(intervention)`: the number M of its sets of parameters.
- `prepare(images)`: what all of them share, such as spectra, computed once for `(N, H, W, C)`.
- `apply(prepared, image, which, *, full)`: the changed images `(B, H, W, C)` of a batch of items:
  image number `image[b]` under the parameters number `which[b]`. `full` says whether the batch is
  as large as all batches but the last: only then is it worth compiling for.

It must be picklable, so that other processes can do the work. What the model answers comes from
`ask`, and by class from `count_answers` and `sum_losses`. They read the data once and give the
network full batches. They show progress, keep a checkpoint, and run on executors.

See Also:
    `keras_freq.shortcuts.sufficiency`, the shortest analysis that stands on it.
"""

from keras_freq.interventions.checkpoint import ResultLog, fingerprint_of
from keras_freq.interventions.engine import (
    ask,
    count_answers,
    every_item,
    items_by_class,
    progress_bar,
    sum_losses,
)
from keras_freq.interventions.executors import remote_runner, shares_memory
from keras_freq.interventions.kept_frequencies import KeptFrequencies
from keras_freq.interventions.removed_pairs import RemovedPairs, cosine_power, pair_cosines
from keras_freq.interventions.work_units import Unit, UnitRunner, index_blocks, run_together

__all__ = [
    "KeptFrequencies",
    "RemovedPairs",
    "ResultLog",
    "Unit",
    "UnitRunner",
    "ask",
    "cosine_power",
    "count_answers",
    "every_item",
    "fingerprint_of",
    "index_blocks",
    "items_by_class",
    "pair_cosines",
    "progress_bar",
    "remote_runner",
    "run_together",
    "shares_memory",
    "sum_losses",
]

"""One engine below every analysis: change images, and collect what the model answers, by class.

An *intervention* is something that is done to images, with M sets of parameters: a mask kept, a
pair of frequencies removed. It is a plain object with three things:

- `len(intervention)`: the number M of its sets of parameters.
- `prepare(images)`: what all of them share, such as spectra, computed once for `(N, H, W, C)`.
- `apply(prepared, image, which, *, full)`: the changed images `(B, H, W, C)` of a batch of items:
  image number `image[b]` under the parameters number `which[b]`. `full` says whether the batch is
  as large as all batches but the last: only then is it worth compiling for.

It may have `for_items(items)`, which gives the part of it that some items need and these items, as
they read there: other images, as of `SwappedFrequencies`, are not sent around whole.

It must be picklable, so that other processes can do the work. What the model answers comes from
`ask`, and by class from `count_answers` and `sum_losses`. They read the data once and give the
network full batches. They show progress, keep a checkpoint, and run on executors.

See Also:
    `keras_freq.shortcuts.sufficiency`, the shortest analysis that stands on it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

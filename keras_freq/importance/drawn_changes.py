"""Mean changes of the loss from some images of each pair, and their errors.

The images of a pair are drawn without replacement. Each has a *size*, and a large one comes early.
A drawn change is divided by the chance that its image had, and the same is done with the sizes,
whose sum is known: changes count in proportion to them. The mean is then right on average for the
mean over all images, whatever the sizes are, and exact once all images were drawn.

A mean of few draws is uncertain, so it is held against what is usual. Everything is counted in
units of the pair's *scale*, which is known beforehand:

- *A pilot* of pairs that were chosen at random shows, for each radius, the usual mean of a pair,
  how much pairs differ around it, and how much single draws differ.
- *An estimate* is a compromise between the pair's own mean and the usual one, as for normal
  distributions. A pair that is unlike its radius keeps its own mean.

Source:
    Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007: the chances of images,
    given the waiting time of the first one that was not drawn.
"""

import dataclasses

import numpy as np

from keras_freq.importance.ring_prior import ring_weights

# An image that the network is quite sure of has this share of the mean doubt.
_SURE = 0.25
# What the pilot shows of the variance of draws counts as this many draws of a pair.
_PRIOR = 8.0
# Pilot pairs count as no further from the usual mean than so many mean distances.
_USUAL = 5.0
# A pair this many standard deviations from the usual mean is one of its own kind.
_UNUSUAL = 3.0
# Measured errors were up to this many times what the model says.
_WIDER = 1.2


def image_sizes(base):
    """Gives the size of each image, by which it is drawn: how much the network doubts it.

    That is 1 less the probability of its class, and a share of the mean, since an image that the
    network is sure of may change too.

    Args:
        base: `(N,)`, losses of the untouched images, nats.
    """
    doubt = -np.expm1(-base)
    return doubt + _SURE * doubt.mean() if doubt.any() else np.ones(len(base))


def first_images(sizes, number, rng):
    """Draws the first images by exponential waiting times, whose rates are the sizes.

    Args:
        sizes: `(N,)`, > 0.
        number: Images to draw, at most N.
        rng: `np.random.Generator`. The same one gives the same images again, and more of them.

    Returns:
        Indices of images in the order in which they come, and the time when the next one comes.
    """
    times = rng.exponential(size=len(sizes)) / sizes
    order = np.argsort(times, kind="stable")
    return order[:number], times[order[number]] if number < len(sizes) else np.inf


class Draws:
    """The changes that were drawn so far.

    Args:
        num_pairs: The number of pairs P.
        sizes: `(N,)`, the size of each image.
        seed: Ints that seed the draws.

    Attributes:
        number: `(P,)` int, draws of each pair.
    """

    def __init__(self, num_pairs, sizes, seed):
        self.number = np.zeros(num_pairs, int)
        self._sizes, self._seed = sizes, seed
        self._until = np.zeros(num_pairs)  # the time when the next image of a pair comes
        self._items = np.zeros((0, 2), int)
        self._changes = np.zeros(0)

    def next_items(self, pairs, times):
        """Draws `times[b]` further images of `pairs[b]`: items `(B, 2)`, sorted by image."""
        items = []
        for pair, more in zip(pairs, times, strict=True):
            start = self.number[pair]
            self.number[pair] = min(start + more, len(self._sizes))
            rng = np.random.default_rng([*self._seed, pair])
            image, self._until[pair] = first_images(self._sizes, self.number[pair], rng)
            items.append(np.stack([image[start:], np.full(len(image) - start, pair)], axis=1))
        items = np.concatenate(items)
        return items[np.lexsort(items.T[::-1])]

    def add(self, items, changes):
        """Adds the changes `(B,)` of the loss of `items`."""
        self._items = np.concatenate([self._items, items])
        self._changes = np.concatenate([self._changes, changes])

    def means(self):
        """Estimates means over all images from the draws alone; 0 for a pair without any.

        Returns:
            `(P,)` each: the mean change, the variance of its error, and the mean squared change.
        """
        image, pair = self._items.T
        chances, count, correction = self._chances(), len(self._sizes), self._correction()
        mean = correction * self._sum(self._changes / chances) / count
        # Changes grow with the sizes, whose mean is known: only what is left over makes errors.
        rest = self._changes - (mean / self._sizes.mean())[pair] * self._sizes[image]
        error = self._sum((rest / chances) ** 2 * (1 - chances)) / count**2
        error *= correction**2 * self.number / np.maximum(self.number - 1, 1)
        return mean, error, correction * self._sum(self._changes**2 / chances) / count

    def _correction(self):
        """The sum of all sizes, over that of each pair's draws divided by their chances."""
        drawn = self._sum(self._sizes[self._items[:, 0]] / self._chances())
        return self._sizes.sum() / np.where(drawn > 0, drawn, np.inf)

    def _chances(self):
        image, pair = self._items.T
        return -np.expm1(-self._sizes[image] * self._until[pair])

    def _sum(self, values):
        return np.bincount(self._items[:, 1], values, minlength=len(self.number))

    def left(self):
        """Gives the share `(P,)` of the images that were not drawn."""
        return 1 - self.number / len(self._sizes)


@dataclasses.dataclass(frozen=True, eq=False)
class Usual:
    """What is usual at each pair's radius, in units of the pair's scale: arrays `(P,)`.

    Attributes:
        mean: Mean change.
        spread: Standard deviation of pairs' means around it.
        variance: Variance of draws.
        mean_square: Mean squared change over images.
    """

    mean: np.ndarray
    spread: np.ndarray
    variance: np.ndarray
    mean_square: np.ndarray


def usual_changes(draws, scale, pilot, radii):
    """Learns what is usual from the pilot.

    Args:
        draws: `Draws`, with several of each pilot pair.
        scale: `(P,)`, the scale of each pair, > 0 for those of the pilot.
        pilot: Indices of pairs.
        radii: `(P,)`, the radius of each pair, cycles per image.

    Returns:
        A `Usual`.
    """
    number = draws.number[pilot]
    means, noise, square = (
        part[pilot] / scale[pilot] ** power
        for part, power in zip(draws.means(), (1, 2, 2), strict=True)
    )
    # Of a single draw, from few of many images.
    variance = noise * number / np.maximum(draws.left()[pilot], 1e-9)
    ring, place = np.unique(radii.round(), return_inverse=True)
    weights, share = ring_weights(ring, radii[pilot])
    values, mean = np.broadcast_to(means, weights.shape), weights @ means
    for _ in range(3):
        usual = (weights * np.abs(values - mean[:, None])).sum(axis=1)[:, None]
        values = np.clip(means, mean[:, None] - _USUAL * usual, mean[:, None] + _USUAL * usual)
        mean = (weights * values).sum(axis=1)
    found = (weights * (values - mean[:, None]) ** 2).sum(axis=1) / np.maximum(1 - share, 0.5)
    noise = weights @ noise
    # Differences that are all noise still leave some doubt.
    spread = np.maximum(found - noise, noise * np.sqrt(2 * share))
    spread += share * (spread + noise)
    parts = mean, np.sqrt(spread), weights @ variance, weights @ square
    return Usual(*(part[place] for part in parts))


def estimates(draws, usual, scale):
    """Estimates the mean change of every pair over all images.

    Args:
        draws: `Draws`.
        usual: `Usual`.
        scale: `(P,)`, the scale of each pair.

    Returns:
        Five arrays `(P,)`: the estimates, their standard errors, the weight of the pair's own draws
        in them, the variance of a further draw, and the mean squared change over images.
    """
    number, left = draws.number, draws.left()
    mean, noise, square = draws.means()
    prior, spread = usual.mean * scale, usual.spread * scale
    one = usual.variance * scale**2
    drawn = np.maximum(number, 1)
    noise = (_PRIOR * one * left / drawn + (drawn - 1) * noise) / (_PRIOR + drawn - 1)
    square = (_PRIOR * usual.mean_square * scale**2 + number * square) / (_PRIOR + number)
    away = np.abs(mean - prior)
    unusual = (number > 1) & (away > _UNUSUAL * np.sqrt(spread**2 + noise))
    spread = np.where(unusual, np.maximum(spread, away), spread)
    total = spread**2 + noise
    weight = np.where(number > 0, spread**2 / np.where(total > 0, total, 1.0), 0.0)
    weight[(number > 0) & (noise == 0)] = 1.0  # all images were drawn
    values = (1 - weight) * prior + weight * mean
    further = noise * drawn / np.maximum(left, 1e-9)
    return values, _WIDER * spread * np.sqrt(1 - weight), weight, further, square

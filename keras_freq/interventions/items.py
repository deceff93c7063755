"""Which images an engine asks about under which interventions: functions `items_of` for `ask`."""

import numpy as np


def every_item(num_interventions):
    """Gives an `items_of` for `ask`: every image under every intervention.

    Example:
        >>> every_item(2)(np.array([5, 6]), 0).tolist()
        [[0, 0], [0, 1], [1, 0], [1, 1]]
    """

    def items_of(labels, first):
        return np.indices((len(labels), num_interventions)).reshape(2, -1).T

    return items_of


def numbered_items(num_interventions, *, images_first=False):
    """As `every_item`, with the number of the image in the data set as a third column.

    What is drawn for an image then depends on its number, and not on its batch.

    Args:
        num_interventions: The number of interventions.
        images_first: Whether all images come under one intervention, before the next one. Batches
            are then of few interventions. Defaults to False.

    Example:
        >>> numbered_items(2)(np.array([5, 6]), 10).tolist()
        [[0, 0, 10], [0, 1, 10], [1, 0, 11], [1, 1, 11]]
        >>> numbered_items(2, images_first=True)(np.array([5, 6]), 10).tolist()
        [[0, 0, 10], [1, 0, 11], [0, 1, 10], [1, 1, 11]]
    """

    def items_of(labels, first):
        items = every_item(num_interventions)(labels, first)
        if images_first:
            items = items[np.argsort(items[:, 1], kind="stable")]
        return np.column_stack([items, first + items[:, 0]])

    return items_of


def items_by_class(interventions_of_class):
    """Gives an `items_of` for `ask`: each image under the interventions of its class.

    Args:
        interventions_of_class: K arrays of numbers of interventions.

    Example:
        >>> items_by_class([[0, 1], [2]])(np.array([1, 0]), 0).tolist()
        [[0, 2], [1, 0], [1, 1]]
    """
    lengths = np.array([len(own) for own in interventions_of_class])

    def items_of(labels, first):
        image = np.repeat(np.arange(len(labels)), lengths[labels])
        own = [interventions_of_class[label] for label in labels]
        return np.stack([image, np.concatenate(own).astype(int)], axis=1)

    return items_of

"""The checks of arrays and tables of numbers. Call them as those of `checks`, which has all."""

import numpy as np


def counts(**given):
    """Reads counts, given by the names of their arguments, as float64 arrays of one shape."""
    arrays = []
    for name, value in given.items():
        try:
            array = np.asarray(value, np.float64)
        except (TypeError, ValueError):
            array = np.full(1, np.nan)
        # Fractions are allowed: counts may be weighted, or be shares.
        if not (np.isfinite(array) & (array >= 0)).all():
            raise ValueError(
                f"`{name}` must be counts of images: finite and >= 0. Received: {name}={value!r}"
            )
        arrays.append(array)
    try:
        return np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(f"{n} {a.shape}" for n, a in zip(given, arrays, strict=True))
        names = ", ".join(f"`{name}`" for name in given)
        raise ValueError(f"{names} must have shapes that broadcast. Received: {shapes}") from None


def real_array(name, value, shape, *, ndim):
    """Reads an array of real numbers, not empty, with one of the allowed numbers of dimensions."""
    array = plain_array(name, value, shape)
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    numeric = array.dtype == bool or np.issubdtype(array.dtype, np.number)
    if array.ndim not in allowed or array.size == 0 or not numeric or np.iscomplexobj(array):
        raise ValueError(
            f"`{name}` must be an array of real numbers of shape {shape}, not empty. "
            f"Received: shape {array.shape}, dtype {array.dtype}"
        )
    return array


def radii(name, value, otherwise):
    """Reads increasing radii > 0 as a list of floats; `otherwise` says what else it may be.

    Example:
        >>> radii("radii", [1, 2], "an int")
        [1.0, 2.0]
    """
    values = real_array(name, value, "(radii,)", ndim=1).astype(float)
    if not (values[0] > 0 and (np.diff(values) > 0).all() and np.isfinite(values).all()):
        raise ValueError(
            f"`{name}` must be increasing numbers > 0, in cycles per image, or {otherwise}. "
            f"Received: {name}={value!r}"
        )
    return values.tolist()


def table(name, frame, columns, source):
    """Raises unless a DataFrame has rows and the columns of what `source` makes."""
    if not hasattr(frame, "columns"):
        raise TypeError(
            f"`{name}` must be a DataFrame as from `{source}`. Received: {type(frame).__name__}"
        )
    missing = [column for column in columns if column not in frame.columns]
    if missing or not len(frame):
        raise ValueError(
            f"`{name}` must be a DataFrame as from `{source}`, with rows and the columns "
            f"{', '.join(columns)}. "
            "Received: " + (f"one without {', '.join(missing)}" if missing else "no rows")
        )


def plain_array(name, value, shape):
    """Reads anything that NumPy reads as one array; `shape` says in words what it must be.

    Example:
        >>> plain_array("mask", [[True], [True, False]], "(H, W)")
        Traceback (most recent call last):
        ...
        ValueError: `mask` must be an array of shape (H, W). Received: rows of different lengths
    """
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"`{name}` must be an array of shape {shape}. Received: rows of different lengths"
        ) from error


def per_channel(name, value, channels):
    """Reads a finite number, or one for each channel, as float64 `(C,)`."""
    try:
        values = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        values = np.full(2, np.nan)
    if values.shape not in ((), (1,), (channels,)) or not np.isfinite(values).all():
        raise ValueError(
            f"`{name}` must be a number, or one value for each of the {channels} channels. "
            f"Received: {name}={value!r}"
        )
    return np.broadcast_to(values, channels).copy()

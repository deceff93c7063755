"""Names, numbers and their nouns, as they stand in a sentence."""

import numpy as np


def counted(number, noun, plural=None):
    """A number of things, with the noun in singular or plural.

    Args:
        number: An int, or a number that is written with up to three digits.
        noun: Of one thing.
        plural: Of several. Defaults to None: with an "s".

    Example:
        >>> counted(1, "file"), counted(3, "file"), counted(1.0, "class", "classes")
        ('1 file', '3 files', '1 class')
    """
    written = f"{number:.3g}" if isinstance(number, float) else f"{number}"
    return f"{written} {noun if written == '1' else plural or noun + 's'}"


def cycles(radius):
    """A radius in the frequency plane with its unit.

    Example:
        >>> cycles(1), cycles(2.345)
        ('1 cycle per image', '2.35 cycles per image')
    """
    return f"{counted(float(radius), 'cycle')} per image"


def between(low, high):
    """Writes the ends of an interval of a radius; of an end that is not known, that there is none.

    Example:
        >>> between(4, 8), between(0, 8), between(4, np.inf), between(0, np.inf)
        ('4 to 8', 'up to 8', '4 and more', 'unknown')
    """
    if np.isfinite(high):
        return f"{low:.3g} to {high:.3g}" if low > 0 else f"up to {high:.3g}"
    return f"{low:.3g} and more" if low > 0 else "unknown"


def p_in_words(value):
    """Writes a p-value; below a millionth, its digits say nothing.

    Example:
        >>> p_in_words(0.0123), p_in_words(1e-30)
        ('p = 0.012', 'p < 1e-06')
    """
    return f"p = {value:.2g}" if value >= 1e-6 else "p < 1e-06"


def class_in_words(name):
    """A class's name as it stands in a sentence, where a number alone would be read as an amount.

    Example:
        >>> class_in_words("cat"), class_in_words("7")
        ('cat', 'class 7')
    """
    return f"class {name}" if name.isdecimal() else name


def names_in_words(names):
    """A few classes, and how many others there are.

    Example:
        >>> names_in_words(["cat", "dog"]), names_in_words(list("0123456789"))
        ('cat and dog', 'class 0, class 1, class 2 and 7 others')
    """
    said = [class_in_words(name) for name in names]
    if len(said) > 4:
        said = [*said[:3], others_in_words(len(said) - 3)]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def others_in_words(number):
    """So many others.

    Example:
        >>> others_in_words(1), others_in_words(7)
        ('1 other', '7 others')
    """
    return counted(number, "other")

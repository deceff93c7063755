"""A model of somebody's own, examined: input check, filters, importance, shortcuts, one page."""

from keras_freq.lab.examination.comparison import examine_several
from keras_freq.lab.examination.examination import Examination, examine

__all__ = ["Examination", "examine", "examine_several"]

"""What a classifier learns first: counts of each class at each training step."""

from keras_freq.recording.recorder import ClassMetricsRecorder

__all__ = ["ClassMetricsRecorder"]

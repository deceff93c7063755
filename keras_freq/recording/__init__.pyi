from .recorder import ClassMetricsRecorder as ClassMetricsRecorder

from .intervals import mean_interval as mean_interval
from .intervals import wilson_interval as wilson_interval
from .rates import average_rates as average_rates
from .rates import class_counts as class_counts
from .rates import class_rates as class_rates
from .rates import rates_from_counts as rates_from_counts
from .roc_areas import class_auc as class_auc
from .roc_areas import multiclass_auc as multiclass_auc

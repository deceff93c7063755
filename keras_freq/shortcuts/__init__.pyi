from .joint_search import FrequencySearch as FrequencySearch
from .joint_search import frequency_search as frequency_search
from .joint_search import search_cost as search_cost
from .necessity import recall_without_maps as recall_without_maps
from .random_baseline import random_maps as random_maps
from .sufficiency import rates_under_maps as rates_under_maps
from .verdicts import shortcut_table as shortcut_table
from .verdicts import shortcut_transfer as shortcut_transfer

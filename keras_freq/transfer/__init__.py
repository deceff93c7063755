"""How transferable the layers of a network are, measured as Yosinski et al. did."""

from keras_freq.transfer.accuracy_boosts import transfer_boost, transfer_claims
from keras_freq.transfer.layerwise_experiment import layerwise_transfer
from keras_freq.transfer.result_folder import TransferResult
from keras_freq.transfer.transferred_maps import transfer_map_overlap

__all__ = [
    "TransferResult",
    "layerwise_transfer",
    "transfer_boost",
    "transfer_claims",
    "transfer_map_overlap",
]

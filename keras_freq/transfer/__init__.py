"""How transferable the layers of a network are, measured as Yosinski et al. did."""

from keras_freq.transfer.boost import transfer_boost
from keras_freq.transfer.claims import transfer_claims
from keras_freq.transfer.frequency import transfer_map_overlap
from keras_freq.transfer.layerwise import layerwise_transfer
from keras_freq.transfer.result import TransferResult

__all__ = [
    "TransferResult",
    "layerwise_transfer",
    "transfer_boost",
    "transfer_claims",
    "transfer_map_overlap",
]

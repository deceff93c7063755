from .accuracy_boosts import transfer_boost as transfer_boost
from .accuracy_boosts import transfer_claims as transfer_claims
from .layerwise_experiment import layerwise_transfer as layerwise_transfer
from .result_folder import TransferResult as TransferResult
from .transferred_maps import transfer_map_overlap as transfer_map_overlap

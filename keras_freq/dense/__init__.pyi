from .averaged_predictions import map_geometry as map_geometry
from .averaged_predictions import predict_multiscale as predict_multiscale
from .averaged_predictions import predict_ten_crop as predict_ten_crop
from .fully_convolutional import convolutionize as convolutionize
from .pooling_at_every_offset import dense_pooling as dense_pooling

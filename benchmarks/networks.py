"""Small networks that the benchmarks train and time."""

import keras
from keras import layers

from keras_freq.models.resnet import conv_bn, residual_block


def small_resnet(size, num_classes, *, width=32, stages=4, mean=0.5, std=0.25):
    """A residual network of strided stages of one block each, for images of 32x32 to 224x224."""
    inputs = keras.Input((size, size, 3))
    x = layers.Rescaling(1 / std, -mean / std)(inputs)
    x = layers.ReLU()(conv_bn(x, width, 3, 2, names=("conv1", "bn1")))
    for stage in range(stages):
        filters = min(width * 2**stage, 256)
        x = residual_block(x, filters, strides=2 if stage else 1, name=f"stage{stage}")
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, "softmax")(x))

"""The Fourier heat map beside the published port in PyTorch, on the same network and images.

    pip install torch
    git clone https://github.com/gatheluck/FourierHeatmap peer
    python benchmarks/heat_map_peer.py peer

The peer's own files make its waves and add them; its loop over frequencies is written out here,
without its configuration and download of data: for each frequency a pass of a `DataLoader` whose
transform adds the wave to one image after the other. The network is a small one with the same
weights in both. An image's label is what the network says of it untouched, so that *error* is the
share of answers that change. Times are processor time, after a first short run of each.

*bare* is the forward pass alone, of each framework. Signs are random in both, so that the maps
agree as far as samples of that size do.
"""

import argparse
import importlib.util
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

import keras_freq as kf

BATCH = 256


def keras_network():
    """Two convolutions of 32 and 64 channels, on images of 32x32."""
    layers = [keras.Input((32, 32, 3))]
    for filters in (32, 64):
        layers += [keras.layers.Conv2D(filters, 3, padding="same", activation="relu")]
        layers += [keras.layers.MaxPooling2D()]
    layers += [keras.layers.Conv2D(64, 3, padding="same", activation="relu")]
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)]
    return keras.Sequential(layers)


def torch_network(model):
    """The same network with the same weights in PyTorch."""
    import torch
    from torch import nn

    layers, previous = [], 3
    for number, filters in enumerate((32, 64, 64)):
        layers += [nn.Conv2d(previous, filters, 3, padding=1), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if number < 2 else [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        previous = filters
    network = nn.Sequential(*layers, nn.Linear(64, 10)).eval()
    with torch.no_grad():
        for parameter, weight in zip(network.parameters(), model.get_weights(), strict=True):
            axes = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}[weight.ndim]
            parameter.copy_(torch.tensor(weight.transpose(axes)))
    return network


def peer_file(folder, name):
    """A file of the peer as a module."""
    path = pathlib.Path(folder) / "fhmap" / "fourier" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def peer_map(folder, network, images, labels, strength, most=None):
    """The error at each frequency of the half plane `(H, W // 2 + 1)`, as the peer measures it."""
    import torch
    from torch.utils.data import DataLoader, Dataset

    basis, noise = peer_file(folder, "basis"), peer_file(folder, "noise")
    images = torch.tensor(images.transpose(0, 3, 1, 2))
    side = images.shape[-1]

    class Changed(Dataset):
        def __init__(self, transform):
            self.transform = transform

        def __len__(self):
            return len(images)

        def __getitem__(self, index):
            return self.transform(images[index]), labels[index]

    errors = []
    spectra = basis.get_spectrum(side, side // 2 + 1, low_center=True)
    with torch.no_grad():
        for spectrum, _ in zip(spectra, range(most or 10**9)):  # noqa: B905
            wave = basis.spectrum_to_basis(spectrum).reshape(side, side) * strength
            wrong = 0
            for batch, true in DataLoader(Changed(noise.AddFourierNoise(wave)), BATCH):
                wrong += (network(batch).argmax(1) != true).sum().item()
            errors.append(wrong / len(images))
    return np.array(errors)


def processor_time(function):
    """Seconds of processor time of a call, and what it gives."""
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def main():
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", help="a checkout of the peer")
    parser.add_argument("--images", type=int, default=200)
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    keras.utils.set_random_seed(0)
    model, number = keras_network(), arguments.images
    network = torch_network(model)
    rng = np.random.default_rng(0)
    images = np.repeat(np.repeat(rng.random((number, 8, 8, 3), np.float32), 4, 1), 4, 2)
    labels = model.predict(images, verbose=0).argmax(1)
    tensor = torch.tensor(images.transpose(0, 3, 1, 2))
    with torch.no_grad():
        assert (network(tensor).argmax(1).numpy() == labels).mean() > 0.99
    forward = tf.function(lambda x: model(x, training=False), autograph=False)
    batches = [tf.constant(images[i : i + BATCH]) for i in range(0, number, BATCH)]
    strength = 4.0

    def ours(frequencies="all"):
        data = images, labels
        options = {"strength": strength, "by": "all", "progress": False}
        return kf.fourier_heat_map(model, data, 10, frequencies=frequencies, **options)

    def bare_keras():
        for _ in range(20):
            for batch in batches:
                forward(batch)

    def bare_torch():
        with torch.no_grad():
            for _ in range(20):
                for start in range(0, number, BATCH):
                    network(tensor[start : start + BATCH])

    def theirs(most=None):
        return peer_map(arguments.peer, network, images, labels, strength, most)

    ours(2), theirs(2), bare_keras(), bare_torch()
    bare = {"PyTorch": processor_time(bare_torch)[0], "Keras": processor_time(bare_keras)[0]}
    took_theirs, their_errors = processor_time(theirs)
    took_ours, heat = processor_time(ours)
    passes = {"PyTorch": len(their_errors) * number, "Keras": heat.evaluations}
    print("| | passes | CPU s | passes / CPU s | bare, passes / CPU s | ratio |")
    print("|---|---|---|---|---|---|")
    for name, took in (("PyTorch", took_theirs), ("Keras", took_ours)):
        speed, alone = passes[name] / took, 20 * number / bare[name]
        cells = f"{passes[name]:,} | {took:.1f} | {speed:,.0f} | {alone:,.0f} | {speed / alone:.2f}"
        print(f"| {'published port' if name == 'PyTorch' else 'keras_freq'} | {cells} |")
    theirs_full = their_errors.reshape(32, 17)
    centred = np.fft.ifftshift(heat.error)[:, :17]
    theirs_rows = np.roll(theirs_full, -16, axis=0)
    difference = theirs_rows - centred
    expected = np.sqrt(2 * np.clip(centred * (1 - centred), 1 / number, None) / number)
    print(
        f"errors from {centred.min():.2f} to {centred.max():.2f}; correlation of the maps "
        f"{np.corrcoef(theirs_rows.ravel(), centred.ravel())[0, 1]:.3f}; mean difference "
        f"{difference.mean():+.4f}; root mean square {np.sqrt((difference**2).mean()):.4f}, "
        f"expected of the signs alone at most {np.sqrt((expected**2).mean()):.4f}"
    )


if __name__ == "__main__":
    main()

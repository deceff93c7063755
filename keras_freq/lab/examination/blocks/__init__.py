"""The blocks of an examination: one question in each file, in the order of what they tell."""

from keras_freq.lab.examination.blocks import (
    accuracy_by_filter,
    accuracy_by_phase_noise,
    error_by_corruption,
    error_by_wave,
    exchanged,
    kept,
    noise_in_octaves,
    phase_or_amplitude,
    pieces_of_an_image,
    removed,
    seen,
    spectra_of_layers,
    spectrum_of_gradients,
    which_frequencies,
    worth_of_bands,
)

BLOCKS = tuple(
    module.BLOCK
    for module in (
        *(accuracy_by_filter, which_frequencies, exchanged, removed, kept, seen),
        error_by_wave,
        noise_in_octaves,
        spectrum_of_gradients,
        phase_or_amplitude,
        accuracy_by_phase_noise,
        error_by_corruption,
        spectra_of_layers,
        pieces_of_an_image,
        worth_of_bands,
    )
)

"""Masks and the grid of frequencies need no TensorFlow: they load in a tenth of its time."""

import subprocess
import sys


def test_masks_and_grid_load_no_tensorflow():
    program = (
        "import sys, time\n"
        "import keras_freq as kf\n"
        "from keras_freq import fourier\n"
        "from keras_freq.fourier import band_pass_mask, conjugate, radius_map\n"
        "assert kf.low_pass_mask(32, 4).sum() == 45\n"
        "assert not (kf.high_pass_mask(32, fraction=0.5) & kf.low_pass_mask(32, 8)).any()\n"
        "mask = band_pass_mask((8, 9), 1, 3) & ~kf.band_stop_mask((8, 9), 1, 2)\n"
        "assert (conjugate(mask) == mask).all() and radius_map(8)[4, 4] == 0\n"
        "assert len(kf.band_edges(32)) == 5 and len(kf.conjugate_pairs(3)) == 5\n"
        "fourier.check_mask(mask), fourier.check_maps(mask[None]), fourier.gaussian_gain(8, 2)\n"
        "fourier.half_spectrum_mask(mask), fourier.height_width(8)\n"
        "heavy = {'tensorflow', 'keras', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

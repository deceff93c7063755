"""`python -m keras_freq`: the command `keras-freq`, where its script is not on the path."""

import sys

from keras_freq.lab.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""Starting TensorFlow without its start-up lines on the terminal."""

import contextlib
import os
import sys
import tempfile

STANDARD_ERROR = 2


def import_tensorflow_quietly():
    """Imports TensorFlow and Keras, and looks for devices, without the lines that these print.

    The lines come from C++, which writes to file descriptor 2 before any setting is read. So this
    catches the descriptor meanwhile, and gives it back afterwards. If the import fails, it prints
    what it has caught. Call it before the first import of TensorFlow.
    """
    # Lines after the start heed this: errors still show.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if "tensorflow" in sys.modules:
        return
    with _standard_error_caught():
        import keras  # noqa: F401
        import tensorflow as tf

        tf.config.list_physical_devices()


@contextlib.contextmanager
def _standard_error_caught():
    """Catches what the block writes to file descriptor 2; prints it if the block raises."""
    was_closed = not _is_open(STANDARD_ERROR)
    if was_closed:
        # Until the end it leads nowhere: no file that is opened meanwhile may get this number.
        null = os.open(os.devnull, os.O_WRONLY)
        if null != STANDARD_ERROR:
            os.dup2(null, STANDARD_ERROR)
            os.close(null)
    kept = os.dup(STANDARD_ERROR)
    try:
        with tempfile.TemporaryFile() as caught:
            _flush()
            os.dup2(caught.fileno(), STANDARD_ERROR)
            try:
                yield
            except Exception:
                _flush()
                caught.seek(0)
                with contextlib.suppress(OSError), open(kept, "wb", closefd=False) as terminal:
                    terminal.write(caught.read())
                raise
            finally:
                _flush()
                os.dup2(kept, STANDARD_ERROR)
    finally:
        os.close(kept)
        if was_closed:
            os.close(STANDARD_ERROR)


def _is_open(descriptor):
    """Tells whether a file descriptor is open."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _flush():
    """Hands on what Python has not written yet; there is no `sys.stderr` if it was closed."""
    if sys.stderr is not None:
        sys.stderr.flush()

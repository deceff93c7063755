"""Where long work runs: in this process, in several on this machine, or on a Dask cluster."""

import contextlib
import multiprocessing
import os
import signal
import socket
from concurrent import futures

from keras_freq import checks
from keras_freq.lab.config import ConfigError
from keras_freq.lab.quiet_start import import_tensorflow_quietly

# Seconds to wait for a Dask scheduler.
PATIENCE = 5
# What TensorFlow, and the libraries under numpy and scikit-learn, read when they are loaded.
_THREAD_SETTINGS = (
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)


@contextlib.contextmanager
def executor_of(workers=None, scheduler=None):
    """Opens the executor that runs the parts of long work, and closes it at the end of the block.

    Args:
        workers: The number of processes to start on this machine, at least 1. They share its cores.
        scheduler: The address of a Dask scheduler, such as "tcp://10.0.0.1:8786". It needs the
            extra `cluster`.

    Yields:
        A `concurrent.futures.Executor`, or None if neither is given: run the work in this process.

    Raises:
        ValueError: If `workers` is no integer >= 1.
        ConfigError: If both are given, Dask is missing, no scheduler answers at the address, or a
            worker process has died.

    Example:
        >>> with executor_of() as executor:
        ...     print(executor)
        None
    """
    if workers is not None and scheduler is not None:
        raise ConfigError("give --workers or --scheduler, not both")
    if scheduler is not None:
        opened = _cluster(scheduler)
    elif workers is not None:
        opened = _processes(checks.integer("--workers", workers))
    else:
        opened = contextlib.nullcontext()
    with opened as executor:
        try:
            yield executor
        except futures.BrokenExecutor as error:
            raise ConfigError(
                "a worker process died before its work was done, often for want of memory. The "
                "same command with fewer --workers goes on where it stopped"
            ) from error


@contextlib.contextmanager
def _processes(workers):
    """Opens a pool of processes on this machine."""
    affinity = getattr(os, "sched_getaffinity", None)  # the cores that this process may use
    cores = len(affinity(0)) if affinity else os.cpu_count()
    # On a GPU, each process takes memory as it needs it, and not all at once.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    pool = futures.ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(max(1, cores // workers),),
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(threads):
    """Prepares a worker process: its number of threads, and no lines of TensorFlow's."""
    os.environ.update(dict.fromkeys(_THREAD_SETTINGS, str(threads)))
    # Ctrl-C reaches all processes. The first one reports it, and the workers just end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    import_tensorflow_quietly()


@contextlib.contextmanager
def _cluster(address):
    """Connects to a Dask scheduler."""
    try:
        import distributed
    except ImportError:
        raise ConfigError(
            "--scheduler needs Dask, which is not installed. Install it with "
            'python3 -m pip install "keras-freq[cluster]"'
        ) from None
    try:
        # First a plain connection: if nobody answers, Dask would go on trying in the background.
        place = distributed.comm.get_address_host_port(address)
        socket.create_connection(place, timeout=PATIENCE).close()
        client = distributed.Client(address, timeout=PATIENCE)
    except Exception as error:  # of many kinds, if something else answers there
        raise ConfigError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        yield client.get_executor()

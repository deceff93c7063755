"""Transfer layer by layer: the experiment of Yosinski et al. for any Keras classifier."""

import contextlib
import json
import os
import sys
from concurrent import futures

import keras
from tqdm import tqdm

from keras_freq import checks
from keras_freq.classifier.logits import outputs_are_logits
from keras_freq.interventions.executors import shares_memory
from keras_freq.progress import progress_bar
from keras_freq.transfer.arguments import (
    built_for,
    check_can_be_saved,
    check_remote,
    checked_layers,
    checked_optimizer,
)
from keras_freq.transfer.layer_groups import check_same_structure, structure_digest
from keras_freq.transfer.result_folder import (
    DIRECTIONS,
    TREATMENTS,
    NetworkKey,
    TemporaryFolder,
    TransferResult,
    is_done,
    open_folder,
    read_record,
)
from keras_freq.transfer.tasks import check_tasks, checked_task, stored_task
from keras_freq.transfer.training import Trainer


def sgd():
    """The default optimizer: SGD with learning rate 0.01 and momentum 0.9.

    Returns:
        A fresh `keras.optimizers.SGD`.

    Example:
        >>> float(sgd().momentum)
        0.9
    """
    return keras.optimizers.SGD(0.01, momentum=0.9)


def layerwise_transfer(
    build_model,
    task_a,
    task_b,
    *,
    layers=None,
    treatments=TREATMENTS,
    seeds=(0,),
    directions=DIRECTIONS,
    steps=1000,
    batch_size=64,
    make_optimizer=sgd,
    from_logits=None,
    folder=None,
    save_models=True,
    executor=None,
    progress=True,
):
    """Measures how well each layer of a network transfers from one task to another.

    For each seed a base network is trained on A and one on B. For each number of layers n, task B
    is then learned by networks whose lower n layers are

    - "BnB": those of base B, frozen (the selffer: what is lost by splitting layers that have
      adapted to each other);
    - "BnB+": those of base B, which learn on;
    - "AnB": those of base A, frozen (the transfer: how general these features are);
    - "AnB+": those of base A, which learn on;
    - "random": untrained, frozen (their BatchNormalization, with statistics of 0 and 1, changes
      nothing).

    The layers above are drawn anew from the seed and trained. The same is done with the roles of A
    and B exchanged, which is the direction "B->A": there "BnB" stands for AnA, and "AnB" for BnA.

    What counts as a layer: a convolution or a dense layer; in networks that branch, a whole block
    (the blocks of ResNet18, so that it has 10 layers). BatchNormalization, activations and pooling
    belong to the layer before them. Frozen layers keep weights and moving statistics, bit for
    bit, and their BatchNormalization normalises with these statistics; dropout between them goes
    on.

    Every network, the bases included, is trained for the same number of steps with an optimizer of
    its own from `make_optimizer`: copied layers that learn on have the learning rate of the others,
    and a learning rate schedule runs from its beginning in every network. AnB+ and BnB+ have thus
    seen twice the steps of their base, as in the source. There is no augmentation and no early
    stopping, and accuracy is measured once, on all test images, after the last step.

    All runs with the same n, seed and direction start from the same initial weights and see the
    same batches, whatever their treatment, so that differences between treatments are due to what
    was copied. The same call on the same machine gives the same bits on a CPU; on a GPU call
    `tf.config.experimental.enable_op_determinism()` first. The global seeds of Keras, Python and
    NumPy are set anew for each network.

    Args:
        build_model: Function from a number of classes to a new functional model (or a
            `keras.Sequential` that begins with `keras.Input`), images in, class scores out:
            `lambda num_classes: kf.models.AlexNetSmall((32, 32, 3), num_classes)`. It must draw its
            weights from Keras' seed, as all Keras layers do.
        task_a: `(train, test)`, each a pair of arrays (images, labels) with labels from 0, or a
            `tf.data.Dataset` of batches: halves of `kf.data.split_classes`, say. Arrays are
            shuffled by the seed. A data set is trained on as it is and repeated; its order,
            shuffling and augmentation are its own. Without arrays, classes must be named.
        task_b: Likewise, with other classes and images of the same size.
        layers: The numbers n of copied layers; None: from 1 to all but the last one.
        treatments: Some of "BnB", "BnB+", "AnB", "AnB+" and "random".
        seeds: Ints >= 0; each makes bases of its own.
        directions: Some of "A->B" and "B->A". Both, for random halves, since the two are then
            repetitions of each other, as in the source; for unlike tasks look at each by itself.
        steps: Updates of each network.
        batch_size: Images a batch, for arrays.
        make_optimizer: Function without arguments that returns a new `keras.optimizers.Optimizer`.
        from_logits: Whether the outputs of the model are logits; None: find out, and ask where
            nothing tells.
        folder: Where to keep finished runs. The same call again goes on where it was
            interrupted, and repeats only the runs that were under way; with more layers,
            treatments, seeds or directions it adds these. One call at a time. A call with another
            network, optimizer, budget or other arrays is refused; of a `tf.data.Dataset` only
            shapes, cardinality and class names are compared. None: a temporary folder that
            goes with the result.
        save_models: Whether to keep all networks, for `TransferResult.model`; False: the bases
            only. A network takes four bytes a parameter.
        executor: A `concurrent.futures.Executor` that runs the networks side by side, on several
            accelerators if its workers see one each: threads, processes (started by "spawn"), or
            dask's `client.get_executor()`. Other processes need arrays, a `folder` that they can
            read and write, and a `build_model` that can be pickled (a function of a module).
        progress: Whether to say how much there is to do, and show a progress bar.

    Returns:
        A `TransferResult`.

    Raises:
        TypeError, ValueError: If an argument is not as above, the tasks share classes, `layers` go
            beyond the network, or `folder` holds another experiment; before any training.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> rng = np.random.default_rng(0)
        >>> images = rng.random((40, 8, 8, 1), np.float32)
        >>> tasks = kf.data.split_classes((images, np.arange(40) % 4), 4, seed=0)
        >>> def build_model(num_classes):
        ...     inputs = keras.Input((8, 8, 1))
        ...     x = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
        ...     x = keras.layers.GlobalAveragePooling2D()(x)
        ...     return keras.Model(inputs, keras.layers.Dense(num_classes, "softmax")(x))
        >>> task_a, task_b = [(half, half) for half in tasks]
        >>> result = kf.layerwise_transfer(
        ...     build_model, task_a, task_b, treatments=["AnB"], steps=2, progress=False
        ... )
        >>> result.frame[["treatment", "n", "seed", "direction"]]
          treatment  n  seed direction
        0      base  0     0      A->B
        1       AnB  1     0      A->B
        2      base  0     0      B->A
        3       AnB  1     0      B->A

    Source:
        Yosinski et al., "How transferable are features in deep neural networks?", NIPS 2014: an
        eight-layer network, 450,000 iterations, ImageNet. Random lower layers are ours to
        initialise: they are those of `build_model`.
    """
    if not callable(build_model) or isinstance(build_model, keras.Model):
        raise TypeError(
            "`build_model` must be a function from a number of classes to a new model, such as "
            "`lambda num_classes: kf.models.AlexNetSmall((32, 32, 3), num_classes)`. "
            f"Received: {type(build_model).__name__}"
        )
    tasks = (checked_task(task_a, "task_a"), checked_task(task_b, "task_b"))
    check_tasks(*tasks)
    treatments = checks.some_of("treatments", treatments, TREATMENTS)
    directions = checks.some_of("directions", directions, DIRECTIONS)
    seeds = [checks.integer("seeds", one, least=0) for one in checks.distinct("seeds", seeds)]
    steps, batch_size = checks.integer("steps", steps), checks.integer("batch_size", batch_size)
    optimizer = checked_optimizer(make_optimizer)
    remote = executor is not None and not shares_memory(executor)
    if remote:
        check_remote(executor, build_model, make_optimizer, tasks, folder)
    networks = [built_for(build_model, task) for task in tasks]
    check_same_structure(*networks, tuple(task.num_classes for task in tasks))
    num_layers = len(networks[0].layer_groups)
    layers = checked_layers(layers, num_layers)
    from_logits = _gives_logits(networks[0].model, tasks[0], from_logits)
    settings = {
        "format": 1,
        "network": [structure_digest(network) for network in networks],
        "layers_of_network": num_layers,
        "tasks": [task.fingerprint() for task in tasks],
        "classes": [list(task.class_names or ()) or task.num_classes for task in tasks],
        "steps": steps,
        "batch_size": batch_size if tasks[0].in_memory or tasks[1].in_memory else None,
        "optimizer": _description(optimizer),
        "from_logits": from_logits,
    }
    keys = _planned(layers, treatments, seeds, directions)
    keep = TemporaryFolder() if folder is None else None
    folder = open_folder(keep.path if folder is None else folder, settings)
    wanted = [key for key in keys if not is_done(folder, key, save_models)]
    if wanted and not (folder / "networks").is_dir():
        check_can_be_saved(networks[0].model, folder)
    with contextlib.ExitStack() as stack:
        if remote and wanted:
            paths = [folder / f".task_{name}-{os.getpid()}.npz" for name in "ab"]
            for path in paths:
                stack.callback(path.unlink, missing_ok=True)
            tasks = tuple(map(stored_task, tasks, paths))
        trainer = Trainer(
            build_model,
            make_optimizer,
            tasks,
            steps,
            batch_size,
            from_logits,
            str(folder),
            save_models,
        )
        _make(trainer, keys, wanted, executor, progress)
    records = [read_record(folder, key) for key in keys if key.direction in directions]
    return TransferResult._of(folder, records, settings, keep)


def _gives_logits(model, task, from_logits):
    """Whether the outputs are logits, found out as everywhere in the package."""
    images, num_classes = task.trial_images, task.num_classes
    return outputs_are_logits(model, images, num_classes, from_logits=from_logits)


def _description(optimizer):
    """An optimizer's class and settings, for the manifest."""
    config = {key: value for key, value in optimizer.get_config().items() if key != "name"}
    return json.loads(json.dumps([type(optimizer).__name__, config], default=repr))


def _planned(layers, treatments, seeds, directions):
    """All networks. The bases come first, since the others need them."""
    needed = DIRECTIONS if any(t.startswith("A") for t in treatments) else directions
    bases = [NetworkKey("base", 0, seed, direction) for seed in seeds for direction in needed]
    others = [
        NetworkKey(treatment, n, seed, direction)
        for seed in seeds
        for n in layers
        for treatment in treatments
        for direction in directions
    ]
    return [*bases, *others]


def _make(trainer, keys, wanted, executor, progress):
    """Makes the networks that are wanted: the bases, and then all others in any order."""
    num_bases = sum(key.treatment == "base" for key in wanted)
    done = len(keys) - len(wanted)
    if progress:
        bases = sum(key.treatment == "base" for key in keys)
        tqdm.write(
            f"Transfer: {len(keys)} networks ({bases} bases) of {trainer.steps:,} steps each, "
            f"{len(wanted) * trainer.steps:,} steps to do"
            + (f"; {done} networks are on disk already" if done else ""),
            file=sys.stderr,
        )
    with progress_bar(
        total=len(keys) * trainer.steps,
        initial=done * trainer.steps,
        unit="step",
        task="transfer",
        shown=progress,
        mininterval=0.5,
        delay=0,
    ) as bar:
        for wave in (wanted[:num_bases], wanted[num_bases:]):
            if executor is None:
                for key in wave:
                    bar.set_postfix_str(key.file_name, refresh=False)
                    trainer(key, bar.update)
                continue
            waiting = [executor.submit(trainer, key) for key in wave]
            try:
                for future in futures.as_completed(waiting):
                    future.result()
                    bar.update(trainer.steps)
            except BaseException:
                for future in waiting:
                    future.cancel()
                raise

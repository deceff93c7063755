"""Training that records, is reproducible bit for bit, and resumes where it stopped.

The order of the data is a function of (seed, epoch). The checkpoint at the end of an epoch holds
every variable: weights, moving statistics, the seed generators of Dropout, the optimizer, the
schedule and the recorder. A resumed training is therefore the uninterrupted one.
"""

import time

import keras
import numpy as np
import pandas as pd

from keras_freq.augment import augmented
from keras_freq.classifier.logits import outputs_are_logits
from keras_freq.data.epochs import arrays
from keras_freq.lab.experiments.build import build_model, build_optimizer
from keras_freq.lab.tables import read_npz, write_csv, write_npz
from keras_freq.progress import progress_bar
from keras_freq.recording.recorder import ClassMetricsRecorder
from keras_freq.saving import atomic_path

HISTORY = ("epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
FILES = ("history.csv", "class_metrics.csv", "model.keras")


def train(
    model, data, experiment, *, probes, folder, augmentation=None, callbacks=(), progress=True
):
    """Trains a model as an experiment says, and writes what was recorded.

    Args:
        model: A built, uncompiled `keras.Model`.
        data: The experiment's `Data`.
        experiment: An `Experiment`.
        probes: `{name: dataset}` for the recorder.
        folder: The results folder. It gets `history.csv`, `class_metrics.csv` and `model.keras` at
            the end, and a checkpoint in between.
        augmentation: What is done to training images, a function for `augment.augmented`, or None.
        callbacks: More Keras callbacks. They are called after the checkpoint of an epoch.
        progress: Whether to show a progress bar.

    Raises:
        ValueError: If the loss is no longer finite.
    """
    settings, recording, num_classes = experiment.train, experiment.recording, len(data.class_names)
    analysed, model = model, _in_precision(model, experiment, data)
    steps_per_epoch = -(-len(data.train_labels) // settings.batch_size)
    steps = settings.steps or settings.epochs * steps_per_epoch
    recorder = ClassMetricsRecorder(
        num_classes,
        max_steps=min(recording.max_steps, steps),
        probes=probes,
        probe_every=recording.probe_every,
        stop_training=False,
    )
    # A loss of probabilities would clip the outputs of a network without softmax.
    from_logits = outputs_are_logits(model, data.train_images[:2], num_classes)
    model.compile(
        optimizer=build_optimizer(settings, steps),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits),
        metrics=["accuracy", recorder.batch_counts],
    )
    model.optimizer.build(model.trainable_variables)
    plateau = None if settings.plateau_patience is None else _Plateau(settings)
    checkpoint = _Checkpoint(folder / "checkpoint.npz", recorder, plateau, settings)
    first_epoch = checkpoint.restore(model)
    first_step = first_epoch * steps_per_epoch
    length = _Length(steps, done=first_step, progress=progress)
    own = [recorder, length, *([plateau] if plateau else []), checkpoint]
    if settings.tensorboard:
        own.append(keras.callbacks.TensorBoard(str(folder / "tensorboard")))
    order = {"shuffle": True, "seed": experiment.seed, "first_epoch": first_epoch}
    batches = arrays(*data.train, batch_size=settings.batch_size, **order)
    if augmentation is not None:
        batches = augmented(batches, augmentation, seed=experiment.seed, first_batch=first_step)
    with length.bar:  # closed whatever ends the training, so that a message has its own line
        model.fit(
            batches,
            epochs=-(-steps // steps_per_epoch),
            initial_epoch=first_epoch,
            steps_per_epoch=steps_per_epoch,
            validation_data=arrays(*data.validation, batch_size=256),
            callbacks=[*own, *callbacks],
            shuffle=False,
            verbose=0,
        )
    if settings.keep == "best":
        checkpoint.restore_best(model)
    if analysed is not model:
        analysed.set_weights(model.get_weights())
    _write(folder, analysed, recorder, checkpoint)


def _in_precision(model, experiment, data):
    """Gives the network to train: the model, or a twin with its weights that uses bfloat16."""
    if experiment.train.precision == "float32":
        return model
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(experiment.train.precision)
    try:
        trained = build_model(experiment, data.image_shape, len(data.class_names))
    finally:
        keras.config.set_dtype_policy(policy)
    trained.set_weights(model.get_weights())
    return trained


def _write(folder, model, recorder, checkpoint):
    """Writes the outcome. The model comes last, since its file says that training is done."""
    history, class_metrics, network = (folder / name for name in FILES)
    frame = pd.DataFrame(checkpoint.history, columns=HISTORY)
    write_csv(history, frame.astype({"epoch": int, "step": int}))
    write_csv(class_metrics, recorder.to_frame())
    with atomic_path(network) as path:
        # The same layers in a model that was never compiled: whoever loads it wants the network,
        # not our recorder.
        keras.Model(model.input, model.output, name=model.name).save(path)
    for path in (checkpoint.path, checkpoint.best_path):
        path.unlink(missing_ok=True)


class _Length(keras.callbacks.Callback):
    """Shows how far training is, and stops it after its steps or when the loss is not finite."""

    def __init__(self, steps, *, done, progress):
        super().__init__()
        self.steps = steps
        self.step = done
        self.bar = progress_bar(
            total=steps,
            initial=done,
            task="training",
            unit="step",
            shown=progress,
            mininterval=0.5,
            delay=0,
        )

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.bar.update()
        if self.step >= self.steps:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix(
            refresh=False,
            loss=f"{logs['loss']:.3f}",
            validation_accuracy=f"{logs['val_accuracy']:.3f}",
        )
        if not np.isfinite(logs["loss"]):
            raise ValueError(
                f"training diverged: the loss is {logs['loss']} in epoch {epoch + 1}. "
                "Try a smaller `train.learning_rate`, or a model with BatchNormalization"
            )


class _Plateau(keras.callbacks.ReduceLROnPlateau):
    """Keras' own callback, which forgets its state at the start of `fit`, with that restored."""

    def __init__(self, settings):
        super().__init__(
            "val_loss", factor=settings.plateau_factor, patience=settings.plateau_patience
        )
        self.restored = None

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        if self.restored is not None:
            self.best, self.wait = self.restored


class _Checkpoint(keras.callbacks.Callback):
    """The history, and on disk all variables, written between epochs every so many seconds."""

    def __init__(self, path, recorder, plateau, settings):
        super().__init__()
        self.path = path
        self.best_path = path.with_name("best.npz")
        self.recorder = recorder
        self.plateau = plateau
        self.every_seconds = settings.checkpoint_seconds
        self.keep_best = settings.keep == "best"
        self.history = []
        self.saved = time.monotonic()

    def restore(self, model):
        """Puts a model back to where a checkpoint left it, and returns its next epoch."""
        if not self.path.exists():
            return 0
        stored = read_npz(self.path)
        for index, variable in enumerate(_variables(model)):
            variable.assign(stored[f"variable_{index}"])
        self.recorder.set_state(
            {
                name.removeprefix("recorder_"): value
                for name, value in stored.items()
                if name.startswith("recorder_")
            }
        )
        self.history = [tuple(row) for row in stored["history"]]
        if self.plateau:
            self.plateau.restored = tuple(stored["plateau"].tolist())
        return len(self.history)

    def restore_best(self, model):
        """Puts a model's weights back to those of the best epoch."""
        stored = read_npz(self.best_path)
        for index, variable in enumerate(model.weights):
            variable.assign(stored[f"weight_{index}"])

    def on_epoch_end(self, epoch, logs=None):
        # An epoch whose end has reduced the rate has learned at the rate in `logs`.
        rate = logs.get("learning_rate", float(self.model.optimizer.learning_rate))
        measured = (logs[name] for name in HISTORY[2:-1])
        self.history.append((epoch + 1, int(self.model.optimizer.iterations), *measured, rate))
        if self.keep_best:
            self._save_best()
        if time.monotonic() - self.saved >= self.every_seconds and not self.model.stop_training:
            self._save()
            self.saved = time.monotonic()

    def _save(self):
        """Writes everything that the next epoch depends on."""
        state = {f"variable_{i}": np.asarray(v) for i, v in enumerate(_variables(self.model))}
        state |= {f"recorder_{name}": value for name, value in self.recorder.get_state().items()}
        if self.plateau:
            # The best loss, and for how many epochs it has stood.
            state["plateau"] = np.array([self.plateau.best, self.plateau.wait], np.float64)
        history = np.array(self.history, np.float64)
        write_npz(self.path, compressed=False, history=history, **state)

    def _save_best(self):
        """Writes the weights if this epoch was right more often than all before it.

        An epoch that is repeated after a kill writes the same again.
        """
        accuracies = [row[HISTORY.index("val_accuracy")] for row in self.history]
        if accuracies[-1] > max(accuracies[:-1], default=-1.0):
            weights = {f"weight_{i}": np.asarray(v) for i, v in enumerate(self.model.weights)}
            write_npz(self.best_path, compressed=False, **weights)


def _variables(model):
    """Everything that training changes, seed generators included, in a fixed order."""
    metrics = {id(variable) for variable in model.metrics_variables}
    states = [v for v in model.non_trainable_variables if id(v) not in metrics]
    return [*model.trainable_variables, *states, *model.optimizer.variables]

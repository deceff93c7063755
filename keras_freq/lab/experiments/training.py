"""Training that records, is reproducible bit for bit, and resumes where it stopped.

The order of the data is a function of (seed, epoch), and a checkpoint at the end of an epoch holds
every variable: weights, moving statistics, the seed generators of Dropout, the optimizer, the
schedule and the recorder. A resumed training is the uninterrupted one.
"""

import time
from pathlib import Path

import keras
import numpy as np

from keras_freq.augment import augmented
from keras_freq.classifier.logits import outputs_are_logits
from keras_freq.data.memory import arrays
from keras_freq.lab.experiments.inputs import build_model
from keras_freq.lab.store import write_csv
from keras_freq.recording.recorder import ClassMetricsRecorder
from keras_freq.saving import atomic_path

HISTORY = ("epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")


def train(model, data, experiment, *, probes, folder, augmentation=None, progress=True):
    """Train a model as an experiment says, and write what was recorded.

    Args:
        model: A built, uncompiled `keras.Model`.
        data: The experiment's `Data`.
        experiment: An `Experiment`.
        probes: `{name: dataset}` for the recorder.
        folder: The results folder: `history.csv`, `class_metrics.csv` and `model.keras` are written
            there at the end, and a checkpoint in between.
        augmentation: What is done to training images, a function for `augment.augmented`, or None.
        progress: Whether to show a progress bar.

    Raises:
        ValueError: If the loss is no longer finite.
    """
    settings, recording = experiment.train, experiment.recording
    analysed, model = model, _in_precision(model, experiment, data)
    num_images = len(data.train_labels)
    steps_per_epoch = -(-num_images // settings.batch_size)
    steps = settings.steps or settings.epochs * steps_per_epoch
    recorder = ClassMetricsRecorder(
        len(data.class_names),
        max_steps=min(recording.max_steps, steps),
        probes=probes,
        probe_every=recording.probe_every,
        stop_training=False,
    )
    # A loss of probabilities would clip the outputs of a network without softmax.
    from_logits = outputs_are_logits(model, data.train_images[:2], len(data.class_names))
    model.compile(
        optimizer=keras.optimizers.SGD(
            _learning_rate(settings, steps),
            momentum=settings.momentum,
            nesterov=settings.nesterov,
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits),
        metrics=["accuracy", recorder.batch_counts],
    )
    model.optimizer.build(model.trainable_variables)
    plateau = None if settings.plateau_patience is None else _Plateau(settings)
    checkpoint = _Checkpoint(Path(folder) / "checkpoint.npz", recorder, plateau, settings)
    first_epoch = checkpoint.restore(model)
    length = _Length(steps, done=first_epoch * steps_per_epoch, progress=progress)
    callbacks = [recorder, length, *([plateau] if plateau else []), checkpoint]
    if settings.tensorboard:
        callbacks.append(keras.callbacks.TensorBoard(str(Path(folder) / "tensorboard")))
    batches = arrays(
        *data.train,
        batch_size=settings.batch_size,
        shuffle=True,
        seed=experiment.seed,
        first_epoch=first_epoch,
    )
    if augmentation is not None:
        first_batch = first_epoch * steps_per_epoch
        batches = augmented(batches, augmentation, seed=experiment.seed, first_batch=first_batch)
    model.fit(
        batches,
        epochs=-(-steps // steps_per_epoch),
        initial_epoch=first_epoch,
        steps_per_epoch=steps_per_epoch,
        validation_data=arrays(*data.test, batch_size=256),
        callbacks=callbacks,
        shuffle=False,
        verbose=0,
    )
    if settings.keep == "best":
        checkpoint.restore_best(model)
    if analysed is not model:
        analysed.set_weights(model.get_weights())
    _write(folder, analysed, recorder, checkpoint.history_frame())
    checkpoint.path.unlink(missing_ok=True)
    checkpoint.best_path.unlink(missing_ok=True)


def _in_precision(model, experiment, data):
    """The network that is trained: the model, or a twin with its weights that uses bfloat16."""
    if experiment.train.precision == "float32":
        return model
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(experiment.train.precision)
    try:
        trained = build_model(experiment, data)
    finally:
        keras.config.set_dtype_policy(policy)
    trained.set_weights(model.get_weights())
    return trained


def _learning_rate(settings, steps):
    """A number, or a function of the optimizer's steps, which are part of a checkpoint."""
    if settings.schedule == "constant":
        return settings.learning_rate
    warmup = round(settings.warmup_fraction * steps)
    rising = {"warmup_target": settings.learning_rate, "warmup_steps": warmup} if warmup else {}
    return keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else settings.learning_rate, max(1, steps - warmup), **rising
    )


def _write(folder, model, recorder, history):
    """Write the outcome; the model last, since its file says that training is done."""
    folder = Path(folder)
    write_csv(folder / "history.csv", history)
    write_csv(folder / "class_metrics.csv", recorder.to_frame())
    with atomic_path(folder / "model.keras") as path:
        # The same layers in a model that was never compiled: whoever loads it wants the network,
        # not our recorder.
        keras.Model(model.input, model.output, name=model.name).save(path)


class _Length(keras.callbacks.Callback):
    """Stop after a number of steps, when the loss is not finite, and show how far it is."""

    def __init__(self, steps, *, done, progress):
        super().__init__()
        self.steps = steps
        self.step = done
        self.progress = progress

    def on_train_begin(self, logs=None):
        from tqdm import tqdm

        self.bar = tqdm(
            total=self.steps,
            initial=self.step,
            desc="training",
            unit="step",
            disable=not self.progress,
            mininterval=0.5,
        )

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.bar.update()
        if self.step >= self.steps:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        self.bar.set_postfix(
            loss=f"{logs.get('loss', np.nan):.3f}",
            test_accuracy=f"{logs.get('val_accuracy', np.nan):.3f}",
        )
        if not np.isfinite(logs.get("loss", 0.0)):
            self.bar.close()
            raise ValueError(
                f"training diverged: the loss is {logs['loss']} in epoch {epoch + 1}. "
                "Try a smaller `train.learning_rate`, or a model with BatchNormalization"
            )

    def on_train_end(self, logs=None):
        self.bar.close()


class _Plateau(keras.callbacks.ReduceLROnPlateau):
    """Keras' own, which begins anew in every `fit`: unless its state was restored."""

    def __init__(self, settings):
        super().__init__(
            "val_loss", factor=settings.plateau_factor, patience=settings.plateau_patience
        )
        self.restored = None

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        if self.restored is not None:
            self.best, self.wait = self.restored

    def get_state(self):
        """What a later `fit` needs: the best loss, and for how many epochs it has stood."""
        return float(self.best), float(self.wait)


class _Checkpoint(keras.callbacks.Callback):
    """All variables and the history, on disk at most once in some seconds, between epochs."""

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
        """Put a model back to where a checkpoint left it, and return its next epoch."""
        if not self.path.exists():
            return 0
        with np.load(self.path) as stored:
            for index, variable in enumerate(_variables(model)):
                variable.assign(stored[f"variable_{index}"])
            state = {
                name.removeprefix("recorder_"): stored[name]
                for name in stored.files
                if name.startswith("recorder_")
            }
            self.recorder.set_state(state)
            self.history = [tuple(row) for row in stored["history"]]
            if self.plateau:
                self.plateau.restored = tuple(stored["plateau"].tolist())
        return len(self.history)

    def restore_best(self, model):
        """Put a model's weights back to those of the best epoch."""
        with np.load(self.best_path) as stored:
            for index, variable in enumerate(model.weights):
                variable.assign(stored[f"weight_{index}"])

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        self.history.append(
            (
                epoch + 1,
                int(self.model.optimizer.iterations),
                logs["loss"],
                logs["accuracy"],
                logs["val_loss"],
                logs["val_accuracy"],
                # That of the epoch, where its end has reduced it.
                logs.get("learning_rate", float(self.model.optimizer.learning_rate)),
            )
        )
        if self.keep_best:
            self._save_best()
        if time.monotonic() - self.saved >= self.every_seconds and not self.model.stop_training:
            self.save()
            self.saved = time.monotonic()

    def save(self):
        """Write everything that the next epoch depends on."""
        arrays = {f"variable_{i}": np.asarray(v) for i, v in enumerate(_variables(self.model))}
        state = {f"recorder_{name}": value for name, value in self.recorder.get_state().items()}
        if self.plateau:
            state["plateau"] = np.array(self.plateau.get_state())
        with atomic_path(self.path) as path, open(path, "wb") as file:
            history = np.array(self.history, np.float64)
            np.savez(file, history=history, **arrays, **state)

    def _save_best(self):
        """Write the weights if this epoch was right more often than all before it.

        An epoch that is redone after a kill writes the same again.
        """
        accuracies = [row[HISTORY.index("val_accuracy")] for row in self.history]
        if accuracies[-1] > max(accuracies[:-1], default=-1.0):
            weights = {f"weight_{i}": np.asarray(v) for i, v in enumerate(self.model.weights)}
            with atomic_path(self.best_path) as path, open(path, "wb") as file:
                np.savez(file, **weights)

    def history_frame(self):
        """The history as a DataFrame, one row an epoch."""
        import pandas as pd

        frame = pd.DataFrame(self.history, columns=HISTORY)
        return frame.astype({"epoch": int, "step": int})


def _variables(model):
    """Everything that training changes, seed generators included, in a fixed order."""
    return [*model.trainable_variables, *_states(model), *model.optimizer.variables]


def _states(model):
    """The variables that training changes without a gradient, but for the metrics'."""
    metrics = {id(variable) for variable in model.metrics_variables}
    return [v for v in model.non_trainable_variables if id(v) not in metrics]

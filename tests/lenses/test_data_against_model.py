"""What is available against what is used: both tables side by side, and a planted difference."""

import keras
import numpy as np
import pytest

import keras_freq as kf

SIZE = 16


@pytest.fixture(scope="module")
def both():
    """Two waves tell the class: 2 cycles by their strength, 6 by their sign, which has no power."""
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    columns = 2 * np.pi * np.arange(SIZE) / SIZE
    coarse, fine = np.cos(2 * columns), np.cos(6 * columns)
    strength, sign = (1 + labels)[:, None, None], (2 * labels - 1)[:, None, None]
    turned = rng.choice([-1, 1], 80)[:, None, None]
    images = 0.5 + 0.1 * strength * turned * coarse + 0.1 * sign * fine
    images = (images + rng.normal(0, 0.02, (80, SIZE, SIZE)))[..., None].clip(0, 1)
    inputs = keras.Input((SIZE, SIZE, 1))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(inputs)))
    wave = np.broadcast_to(fine, (SIZE, SIZE)).reshape(-1)
    model.set_weights([0.3 * np.stack([-wave, wave], axis=1), np.zeros(2)])
    data = images.astype(np.float32), labels
    baseline = kf.spectral_baseline(data, data, 2, bands=8, class_names=["a", "b"])
    return baseline, kf.band_shapley(model, data, 2, bands=8, class_names=["a", "b"])


def test_a_model_that_reads_signs_uses_a_band_that_power_tells_nothing_of(both):
    baseline, shapley = both
    table = kf.available_and_used(baseline, shapley)
    assert len(table) == 3 * 8
    own = table[table["class_id"] == -1].set_index("low")
    assert own.loc[2, "available"] == 1 and abs(own.loc[2, "used_share"]) < 1e-3
    assert own.loc[6, "available_low"] < 0.6 and own.loc[6, "used_share"] > 0.99
    np.testing.assert_allclose(table.groupby("class_id")["used_share"].sum(), 1)
    np.testing.assert_array_equal(table["used"][:8], shapley.values[0])
    rows = baseline[(baseline["class_name"] == "b") & (baseline["low"] == 3)]
    assert (
        table.loc[8 + 3, ["available", "p_value"]].tolist()
        == rows.iloc[0][["recall", "p_value"]].tolist()
    )


def test_other_bands_and_classes_are_refused(both):
    baseline, shapley = both
    for wrong in (baseline.iloc[:3], baseline.replace({"class_name": {"a": "c"}})):
        with pytest.raises(
            ValueError, match="`baseline` must be that of the same bands and classes"
        ):
            kf.available_and_used(wrong, shapley)
    with pytest.raises(TypeError, match="`shapley` must be a BandShapley"):
        kf.available_and_used(baseline, baseline)

"""Scenario iot: readings of a sensor continue from its previous ones, except for failures."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tests.gallery.made import columns, times_ms, whole
from tests.values.generated_rows import assert_share

SENSORS: Final = 1_000
TURNS: Final = 40
NONSENSE: Final = {-127.0, 85.0}


def readings() -> dict[str, list[Any]]:
    """Return forty readings of every sensor."""
    return columns("iot", "leituras", 0, SENSORS * TURNS)


def by_sensor(field: str) -> np.ndarray[Any, Any]:
    """Return a field's values, (TURNS, SENSORS): a column is a sensor."""
    return np.array(readings()[field]).reshape(TURNS, SENSORS)


def test_every_sensor_reads_in_its_turn_and_is_known():
    """A thousand sensors follow one another, and each joins the table of sensors."""
    sensors = by_sensor("sensor")
    assert np.array_equal(sensors, np.tile(np.arange(SENSORS), (TURNS, 1)))
    assert whole("iot", "sensores")["id"] == list(range(SENSORS))


def test_readings_come_one_after_another():
    """Event times never fall, and their mean rate is one of the declared day."""
    times = times_ms("iot", "leituras", "momento", 0, SENSORS * TURNS)
    assert np.all(np.diff(times) >= 0)
    assert 500 < SENSORS * TURNS / ((times[-1] - times[0]) / 1_000) < 2_000


def test_a_sensor_that_is_well_drifts():
    """Temperature and humidity are in their ranges and change little between readings."""
    well = by_sensor("estado") != "falha"
    heat, wet = by_sensor("temperatura"), by_sensor("umidade")
    assert np.all((heat[well] >= -10) & (heat[well] <= 60))
    assert np.all((wet >= 0) & (wet <= 100))
    both = well[1:] & well[:-1]
    moved = np.abs(np.diff(heat, axis=0))[both]
    assert 0 < moved.mean() < 0.4
    assert moved.max() < 2.5
    assert np.abs(np.diff(wet, axis=0)).max() < 10
    assert heat[well].std() > 10 * moved.mean(), "sensors are not all at one place"


def test_one_reading_in_a_thousand_is_nonsense():
    """Failures have the declared share and the error values; no other reading has these values."""
    state, heat = readings()["estado"], readings()["temperatura"]
    failed = {h for s, h in zip(state, heat, strict=True) if s == "falha"}
    assert failed == NONSENSE
    assert not NONSENSE & {h for s, h in zip(state, heat, strict=True) if s != "falha"}
    assert_share(state.count("falha"), len(state), 0.001)


def test_a_battery_wears_off_and_is_changed():
    """The battery loses 0.01% per reading from a start per sensor; at 0 it is replaced."""
    charge = by_sensor("bateria")
    assert np.all((charge > 0) & (charge <= 100))
    steps = np.round(np.diff(charge, axis=0), 2)
    assert set(steps.ravel().tolist()) <= {-0.01, 99.99}
    assert len(set(charge[0].tolist())) == SENSORS


def test_sensors_hang_in_their_box():
    """Latitudes and longitudes are those of São Paulo."""
    sensors = whole("iot", "sensores")
    assert all(-23.8 <= x <= -23.4 for x in sensors["latitude"])
    assert all(-46.8 <= x <= -46.4 for x in sensors["longitude"])

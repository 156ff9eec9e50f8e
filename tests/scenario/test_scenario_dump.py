"""A scenario that is written as YAML is read as the same scenario, in its short forms."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from gerador.scenario import gallery
from gerador.scenario.dump import write_scenario
from gerador.scenario.load import parse_model
from gerador.scenario.model import Scenario, StreamModel
from gerador.scenario.nested_values import CONTAINERS
from gerador.values import GENERATORS
from gerador.values.choice import ChoiceGenerator
from tests.scenario.generated_models import declared, scenarios

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
QUIET = settings(
    suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES, max_examples=30
)


def round_trip(scenario: Scenario) -> Scenario:
    """Write a scenario and read it."""
    return parse_model(write_scenario(scenario), "f.yaml", {"NOME": "wrong"})[0]


@given(scenarios())
@QUIET
def test_any_scenario_round_trips(scenario: Scenario):
    """Any scenario, with any text."""
    assert round_trip(scenario) == scenario


@pytest.mark.parametrize("kind", sorted({*GENERATORS, *CONTAINERS}))
@given(data=st.data())
@settings(suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES, max_examples=8)
def test_each_generator_round_trips(kind: str, data: st.DataObject):
    """Each generator with any of its parameters."""
    value = data.draw(declared((GENERATORS | CONTAINERS)[kind], 1))
    assume(not _looks_weighted(value))
    scenario = Scenario(streams={"s": StreamModel(fields={"x": value})})
    assert round_trip(scenario) == scenario


def _looks_weighted(value: object) -> bool:
    """Return whether values without weights look like weighted ones, which has no form in YAML."""
    return isinstance(value, ChoiceGenerator) and any(
        isinstance(v, dict) and v.keys() == {"value", "weight"} for v in value.values
    )


@pytest.mark.parametrize("name", gallery.names())
def test_gallery_round_trips(name: str):
    """Each gallery scenario, and its written form is stable."""
    scenario, _ = parse_model(gallery.path(name).read_text("utf-8"), name, {})
    text = write_scenario(scenario)
    written, _ = parse_model(text, name, {})
    assert written == scenario
    assert write_scenario(written) == text


WRITTEN = """\
description: 'Pedidos: de uma loja'
seed: 42
start: 2026-01-01T00:00:00Z
backfill_speed: 60x
streams:
  pedidos:
    topic: {name: pedidos.v1, key: cliente, partitions: 6, config: {cleanup.policy: compact}}
    rows: 10000
    let:
      base: {exponential: 3}
    fields:
      id: {sequence: 1}
      cliente: {from: clientes.id, skew: {zipf: 1.2}, missing: 1%}
      uf: {choice: {SP: 46, RJ: 17.5}}
      itens: {array: {items: {record: {sku: uuid, preco: 2.0}}, length: {poisson: 2, min: 1}}}
      fase: {state_machine: {novo: {to: {pago: 1}}, pago: {steps: 3}}, key: id, every: 10m}
      nota: {null: 70%, else: faker.sentence}
      ativo: true
      texto: {constant: '7'}
      x: {uniform: {min: 0, max: 1, type: double, doc: A share.}}
    rate: {sine: {from: 500/s, to: 5000/s, period: 10m}, poisson: true}
    at: {5m: {burst: 50000}, 10m: pause, 12m: {rate: 10000/s, over: 2m}}
    headers: {origem: loja}
  clientes:
    topic: clientes
    rows: 3
    fields:
      id: uuid
"""


def test_short_forms():
    """Short forms, no defaults, keys in a fixed order: this text is written as it was read."""
    scenario, _ = parse_model(WRITTEN, "f.yaml", {})
    assert write_scenario(scenario) == WRITTEN


def test_yaml_1_1_reads_the_same_texts():
    """A YAML 1.1 reader sees the same texts, except timestamps."""
    scenario, _ = parse_model(WRITTEN, "f.yaml", {})
    other = yaml.safe_load(write_scenario(scenario))
    assert other["streams"]["pedidos"]["fields"]["texto"] == {"constant": "7"}
    assert other["streams"]["pedidos"]["fields"]["ativo"] is True

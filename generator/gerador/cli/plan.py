"""Which streams a run has: those of a scenario, or the one that the settings describe."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gerador.rates import FULL_SPEED, rate_text
from gerador.scenario.default import DEFAULT_SCHEMA_FILE, spec_for
from gerador.scenario.file.plan import ScenarioPlan, StreamPlan, at_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.file.model import Scenario
    from gerador.scenario.model import StreamSpec
    from gerador.settings import Settings


def plan_of(settings: Settings, environ: Mapping[str, str]) -> ScenarioPlan:
    """Return the plan that the settings ask for; options go before the scenario's own words.

    Raises ConfigurationError: a scenario, a schema or a key that cannot be used.
    """
    if settings.scenario is None:
        plan = _of_one_stream(settings)
    else:
        plan = _of_scenario(settings, settings.scenario, environ)
    return replace(
        plan,
        seed=plan.seed if settings.seed is None else settings.seed,
        start=plan.start if settings.start is None else settings.start,
    )


def model_of_plan(settings: Settings, plan: ScenarioPlan) -> Scenario:
    """Return the plan as the model of a scenario file, also where it came from the settings."""
    from gerador.scenario.file.model import Scenario  # noqa: PLC0415 - only recipes need it

    if plan.scenario is not None:
        return plan.scenario
    streams = {s.spec.name: _stream(settings, s.spec) for s in plan.streams}
    return Scenario.model_validate({"streams": streams})


def _of_scenario(settings: Settings, scenario: str, environ: Mapping[str, str]) -> ScenarioPlan:
    # Loaded only where a scenario is read: the API of any other run is up sooner without.
    from gerador.cli.registry_way import registry_reader  # noqa: PLC0415
    from gerador.knowledge import load_plan  # noqa: PLC0415

    plan = load_plan(scenario, environ, registry_reader(settings))
    return plan if settings.rate is None else at_rate(plan, _rate_text(settings.rate))


def _of_one_stream(settings: Settings) -> ScenarioPlan:
    spec = spec_for(
        schema=None if settings.schema_file is None else Path(settings.schema_file),
        topic=settings.topic,
        generation_rows=settings.tamanho_buffer,
        key=settings.key,
    )
    return ScenarioPlan(seed=None, start=None, streams=(StreamPlan(spec=spec),))


def _stream(settings: Settings, spec: StreamSpec) -> dict[str, Any]:
    """Return the one stream as a scenario file would have it."""
    schema = settings.schema_file
    fields = {path: declared for path, declared in spec.fields.items() if path.isidentifier()}
    return {
        "schema": DEFAULT_SCHEMA_FILE if schema is None else str(Path(schema).absolute()),
        "fields": fields if schema is None else {},
        "topic": {"name": spec.topic, "key": spec.key, "config": settings.topic_config},
        "format": "avro" if settings.framing == "confluent" else "avro-raw",
        "generation": settings.tamanho_buffer,
        "rate": _rate(settings),
    }


def _rate_text(rows_per_s: float) -> str:
    return FULL_SPEED if math.isinf(rows_per_s) else rate_text(rows_per_s)


def _rate(settings: Settings) -> Any:
    if settings.rate is not None:
        return _rate_text(settings.rate)
    if settings.intervalo_geracao == 0:
        return "max"
    return {"rows": settings.tamanho_buffer, "every": settings.intervalo_geracao}

"""docs/limits.md: the maximum values are those of the code."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from annotated_types import Le, MaxLen

from gerador import limits
from gerador.scenario import model, output
from gerador.scenario.nested_values import UnionValue
from gerador.schedule import profiles, scripted_changes
from gerador.service.live_schedule import RATE_CHANGES_MAX
from gerador.settings.model import BUFFER_ROWS_MAX
from gerador.settings.value_types import START_YEARS
from gerador.units import NS_PER_DAY
from gerador.values import choice, declaration
from gerador.values.distributions import poisson, zipf
from gerador.values.references import ReferenceGenerator
from gerador.values.regex.generator import PATTERN_CHARACTERS_MAX
from gerador.values.sql.generator import SqlGenerator
from gerador.values.state_machine import StateMachineGenerator
from gerador.values.template import TemplateGenerator
from tests.docs.examples import page

if TYPE_CHECKING:
    from pydantic import BaseModel


def maximum(kind: type[BaseModel], name: str) -> int:
    """Return the maximum value or length of a field of a model."""
    field = kind.model_fields[name]
    found = [*field.metadata, *_nested(field.annotation)]
    (limit,) = (getattr(m, "le", None) or getattr(m, "max_length", 0) for m in found if _is_max(m))
    return int(limit)


def _nested(annotation: Any) -> list[Any]:
    metadata = getattr(annotation, "__metadata__", ())
    # A Field(…) in an annotation has its limits in its own metadata.
    flat = [inner for m in metadata for inner in (m, *getattr(m, "metadata", ()))]
    return flat + [each for part in get_args(annotation) for each in _nested(part)]


def _is_max(metadata: Any) -> bool:
    return isinstance(metadata, Le | MaxLen)


LIMITS = {
    "streams of a scenario": model.STREAMS_MAX,
    "fields of a stream, and hidden fields": model.FIELDS_MAX,
    "partitions of a new topic": model.PARTITIONS_MAX,
    "headers of a stream": output.HEADERS_MAX,
    "rows of a stream, row index": limits.ROW_INDEX_MAX,
    "seed": limits.SEED_MAX,
    "start": START_YEARS[1],
    "target rate": int(limits.RATE_MAX),
    "`generation_rows`, `TAMANHO_BUFFER`": BUFFER_ROWS_MAX,
    "`rows` of a load profile": limits.GENERATION_ROWS_MAX,
    "burst": limits.BURST_ROWS_MAX,
    "ramp, step or period of a load profile": limits.RAMP_NS_MAX // NS_PER_DAY,
    "steps of a load profile": profiles.STEPS_MAX,
    "scripted changes of a stream": scripted_changes.SCRIPTED_CHANGES_MAX,
    "live changes of a stream in a run": RATE_CHANGES_MAX,
    "recorded live changes in a file": maximum(model.StreamModel, "live_changes"),
    "`recent`": maximum(ReferenceGenerator, "recent"),
    "values of `choice` and `joint`": choice.VALUES_MAX,
    "states of a state machine": maximum(StateMachineGenerator, "states"),
    "branches of a union": maximum(UnionValue, "branches"),
    "characters of a text, bytes, items of an array, entries of a map": declaration.LENGTH_MAX,
    "pattern of `regex`": PATTERN_CHARACTERS_MAX,
    "expression of `sql`, text of `template`": maximum(SqlGenerator, "text"),
    "ranks of `zipf`": zipf.RANKS_MAX,
    "mean of `poisson`": poisson.MEAN_MAX,
}


def numbers(text: str) -> list[Decimal]:
    """Return the numbers in a text, with powers and differences computed."""
    text = re.sub(r"(\d)<sup>(\d+)</sup>( \N{MINUS SIGN} 1)?", _power, text.replace(",", ""))
    return [Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def _power(match: re.Match[str]) -> str:
    return str(int(match[1]) ** int(match[2]) - bool(match[3]))


def test_the_maximum_values_are_those_of_the_code() -> None:
    """Each limit of the table has the number of its constant, and no other input is listed."""
    table = page("limits.md").partition("\n## Maximum values\n")[2]
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", table, re.MULTILINE)[1:]
    assert [name for name, _ in rows] == list(LIMITS)
    for name, text in rows:
        assert LIMITS[name] in numbers(text), name
    assert maximum(TemplateGenerator, "text") == LIMITS["expression of `sql`, text of `template`"]
    assert maximum(model.StreamModel, "generation_rows") == BUFFER_ROWS_MAX

"""`gerador check`: whether a scenario makes sense, and what its streams come to."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gerador.errors import ScenarioError
from gerador.settings import load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from gerador.cli.plan_distinct import Distinct
    from gerador.cli.plan_facts import StreamFacts

INVALID: Final = 2
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_STEP: Final = 1000
ENDLESS: Final = 2**53
"""Distinct values that no stream comes to the end of: as many as there are row indices."""
_MARKS: Final = {"exact": "", "expected": "~", "least": "≥ "}


def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A scenario file, or a name of the gallery.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell whether a scenario makes sense and what it comes to, without Kafka.

    For each stream: schema, topic, key, rates, bytes, distinct values, shares of nulls, skew of the
    partitions, memory. Exits with 2 and every complaint when something makes no sense.
    """
    from gerador.cli.plan_facts import as_json as plain  # noqa: PLC0415
    from gerador.cli.plan_facts import facts_of  # noqa: PLC0415 - loads what makes rows
    from gerador.cli.registry_way import registry_reader  # noqa: PLC0415
    from gerador.knowledge import load_plan  # noqa: PLC0415

    try:
        plan = load_plan(file, os.environ, registry_reader(load_settings(os.environ)))
    except ScenarioError as e:
        # More than a line: each stands on its own, to be clicked.
        typer.echo(str(e), err=True)
        raise typer.Exit(INVALID) from e
    found = list(facts_of(plan))
    if as_json:
        typer.echo(json.dumps([plain(facts) for facts in found], indent=2, ensure_ascii=False))
        return
    _show(found, plan.description)


def _show(found: list[StreamFacts], description: str | None) -> None:
    from rich.console import Console  # noqa: PLC0415 - `--help` shall not wait

    console = Console(soft_wrap=False, highlight=False)
    if description:
        console.print(" ".join(description.split()), style="dim")
    for facts in found:
        _show_stream(console, facts)
    console.print(
        f"bytes, distinct values with ≥ and undeclared nulls: measured over the first "
        f"{_measured():,} rows, made and encoded; distinct values with ~: expected in the mean",
        style="dim",
    )


def _measured() -> int:
    from gerador.cli.plan_facts import ROWS_MEASURED  # noqa: PLC0415 - likewise

    return ROWS_MEASURED


def _show_stream(console: Console, facts: StreamFacts) -> None:
    from rich.panel import Panel  # noqa: PLC0415 - likewise
    from rich.table import Table  # noqa: PLC0415

    about = Table.grid(padding=(0, 2))
    for name, text in _lines(facts):
        about.add_row(f"[dim]{name}[/dim]", text)
    fields = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("field", "type", "kind", "distinct", "nulls"):
        fields.add_column(title, justify="right" if title in {"distinct", "nulls"} else "left")
    for field in facts.fields:
        fields.add_row(
            field.name,
            field.type,
            field.kind,
            _distinct(field.distinct),
            f"{field.nulls:.1%}" if field.nulls else "",
        )
    both = Table.grid()
    both.add_row(about)
    both.add_row("")
    both.add_row(fields)
    console.print(Panel(both, title=facts.name, title_align="left"))


def _distinct(distinct: Distinct) -> str:
    if distinct.how != "least" and distinct.number >= ENDLESS:
        return "endless"
    return f"{_MARKS[distinct.how]}{distinct.number:,}"


def _lines(facts: StreamFacts) -> list[tuple[str, str]]:
    even = 1 / facts.partitions
    key = facts.key or "none: rows take turns"
    rows = "endless" if facts.rows is None else f"{facts.rows:,}"
    return [
        ("topic", f"{facts.topic}, {facts.partitions} partitions, key {key}, {facts.format}"),
        ("schema", f"{_name(facts)}, {'derived from the fields' if facts.derived else 'given'}"),
        ("rows", rows),
        ("rate", _rate(facts)),
        ("bytes", _bytes(facts)),
        ("fullest partition", f"{facts.fullest_partition:.1%} of the rows (even: {even:.1%})"),
        ("memory", f"{_size(facts.memory_bytes)} of values that are looked up or drawn from"),
    ]


def _name(facts: StreamFacts) -> str:
    """Return the full name of a stream's record schema."""
    said = json.loads(facts.schema)
    return ".".join(part for part in (said.get("namespace"), said["name"]) if part)


def _rate(facts: StreamFacts) -> str:
    rates = facts.rates
    if rates.mean is None or rates.low is None or rates.high is None:
        return f"{rates.told}: as fast as possible"
    span = f", {rates.low:,.6g} to {rates.high:,.6g}" if rates.low != rates.high else ""
    return f"{rates.mean:,.6g} rows/s{span} ({rates.told})"


def _bytes(facts: StreamFacts) -> str:
    per_s = facts.bytes_per_s
    return f"{facts.record_bytes:,.0f} a record" + (f", {_size(per_s)}/s" if per_s else "")


def _size(size: float) -> str:
    for unit in _UNITS:
        if size < _STEP or unit == _UNITS[-1]:
            return f"{size:,.3g} {unit}"
        size /= _STEP
    raise AssertionError

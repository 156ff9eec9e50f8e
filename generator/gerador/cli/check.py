"""`gerador check`: validates a scenario and prints estimates for its streams, without Kafka."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gerador.errors import ScenarioError
from gerador.settings.load import load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from gerador.cli.distinct_estimates import DistinctCount
    from gerador.cli.stream_estimates import StreamEstimate


INVALID: Final = 2
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_STEP: Final = 1000
DISTINCT_SHOWN_MAX: Final = 2**53
"""Distinct values that no stream comes to the end of: as many as there are row indices."""
_DISTINCT_MARKS: Final = {"exact": "", "expected": "~", "least": "≥ "}


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
    from gerador.cli.registry_setup import registry_schema_reader  # noqa: PLC0415
    from gerador.cli.stream_estimates import estimate_as_json as plain  # noqa: PLC0415
    from gerador.cli.stream_estimates import estimate_streams  # noqa: PLC0415 - loads what makes rows
    from gerador.scenario.external import load_plan  # noqa: PLC0415

    try:
        plan = load_plan(file, os.environ, registry_schema_reader(load_settings(os.environ)))
    except ScenarioError as e:
        # More than a line: each stands on its own, to be clicked.
        typer.echo(str(e), err=True)
        raise typer.Exit(INVALID) from e
    found = list(estimate_streams(plan))
    if as_json:
        typer.echo(json.dumps([plain(facts) for facts in found], indent=2, ensure_ascii=False))
        return
    _print_estimates(found, plan.description)


def _print_estimates(found: list[StreamEstimate], description: str | None) -> None:
    from rich.console import Console  # noqa: PLC0415 - `--help` shall not wait

    console = Console(soft_wrap=False, highlight=False)
    if description:
        console.print(" ".join(description.split()), style="dim")
    for facts in found:
        _print_stream(console, facts)
    console.print(
        f"bytes, distinct values with ≥ and undeclared nulls: measured over the first "
        f"{_rows_measured():,} rows, made and encoded; distinct values with ~: expected in the mean",
        style="dim",
    )


def _rows_measured() -> int:
    from gerador.cli.stream_estimates import ROWS_MEASURED  # noqa: PLC0415 - likewise

    return ROWS_MEASURED


def _print_stream(console: Console, facts: StreamEstimate) -> None:
    from rich.panel import Panel  # noqa: PLC0415 - likewise
    from rich.table import Table  # noqa: PLC0415

    about = Table.grid(padding=(0, 2))
    for name, text in _summary_lines(facts):
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


def _distinct(distinct: DistinctCount) -> str:
    if distinct.how != "least" and distinct.number >= DISTINCT_SHOWN_MAX:
        return "endless"
    return f"{_DISTINCT_MARKS[distinct.how]}{distinct.number:,}"


def _summary_lines(facts: StreamEstimate) -> list[tuple[str, str]]:
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


def _name(facts: StreamEstimate) -> str:
    """Return the full name of a stream's record schema."""
    said = json.loads(facts.schema)
    return ".".join(part for part in (said.get("namespace"), said["name"]) if part)


def _rate(facts: StreamEstimate) -> str:
    rates = facts.rates
    if rates.mean is None or rates.low is None or rates.high is None:
        return f"{rates.told}: as fast as possible"
    span = f", {rates.low:,.6g} to {rates.high:,.6g}" if rates.low != rates.high else ""
    return f"{rates.mean:,.6g} rows/s{span} ({rates.told})"


def _bytes(facts: StreamEstimate) -> str:
    per_s = facts.bytes_per_s
    return f"{facts.record_bytes:,.0f} a record" + (f", {_size(per_s)}/s" if per_s else "")


def _size(size: float) -> str:
    for unit in _UNITS:
        if size < _STEP or unit == _UNITS[-1]:
            return f"{size:,.3g} {unit}"
        size /= _STEP
    raise AssertionError

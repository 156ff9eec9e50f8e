"""`gerador check`: validates a scenario and prints estimates for its streams, without Kafka."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

import click

from gerador.process_tuning import skip_pandas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.table import Table

    from gerador.cli.distinct_estimates import DistinctCount
    from gerador.cli.stream_estimates import StreamEstimate


_BYTE_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_BYTE_UNIT_FACTOR: Final = 1000
DISTINCT_SHOWN_MAX: Final = 2**53
"""Distinct values that are shown as "unlimited": as many as row indices."""
PATHS_SHOWN_MAX: Final = 3
NESTED_SHOWN_MAX: Final = 200
"""Nested fields that are printed; JSON has all."""
_DISTINCT_MARKS: Final = {"exact": "", "expected": "~", "at_least": "≥ "}


@click.command()
@click.argument("file", help="A scenario file, or the name of a scenario of the gallery.")
@click.option(
    "--locale",
    metavar="LOCALE",
    help="Language and country of Faker values (pt_BR, en_US); default: the scenario's.",
)
@click.option(
    "--scale", type=float, metavar="FACTOR", help="Factor for all rates of the scenario (0.1, 10)."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(file: str, *, locale: str | None, scale: float | None, as_json: bool) -> None:
    """Validate a scenario and print estimates, without Kafka.

    Prints schema, topic, key, rates, bytes, distinct values, share of nulls, partition skew and
    memory of each stream. An invalid scenario ends with exit code 2 and one line per error.
    """
    skip_pandas()
    from gerador.cli.registry_reader import registry_schema_reader  # noqa: PLC0415
    from gerador.scenario.load import load_plan  # noqa: PLC0415
    from gerador.settings.load import load_settings  # noqa: PLC0415
    from gerador.values.faker_pool import check_locale  # noqa: PLC0415

    if locale is not None:
        check_locale(locale, f"--locale={locale}")
    registry = registry_schema_reader(load_settings(os.environ))
    plan = load_plan(file, os.environ, registry, locale)
    if scale is not None:
        from gerador.scenario.rate_scaling import with_scaled_rates  # noqa: PLC0415

        plan = with_scaled_rates(plan, scale)
    # After validation: this loads the encoders.
    from gerador.cli.stream_estimates import estimate_as_json, estimate_streams  # noqa: PLC0415

    estimates = list(estimate_streams(plan))
    if as_json:
        click.echo(
            json.dumps([estimate_as_json(e) for e in estimates], indent=2, ensure_ascii=False)
        )
        return
    _print_estimates(estimates, plan.description)


def _print_estimates(estimates: list[StreamEstimate], description: str | None) -> None:
    from rich.console import Console  # noqa: PLC0415 - not needed for `--help`

    from gerador.cli.stream_estimates import ROWS_MEASURED  # noqa: PLC0415

    console = Console(soft_wrap=False, highlight=False)
    if description:
        console.print(" ".join(description.split()), style="dim")
    for estimate in estimates:
        _print_stream(console, estimate)
    console.print(
        f"Bytes, distinct values marked ≥, and null shares of computed fields are measured over "
        f"the first {ROWS_MEASURED:,} rows. Distinct values marked ~ are expected values.",
        style="dim",
    )


def _print_stream(console: Console, estimate: StreamEstimate) -> None:
    from rich.panel import Panel  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    summary = Table.grid(padding=(0, 2))
    for name, text in _summary_lines(estimate):
        summary.add_row(f"[dim]{name}[/dim]", text)
    fields = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("field", "type", "generator", "distinct", "nulls"):
        fields.add_column(title, justify="right" if title in {"distinct", "nulls"} else "left")
    for field in estimate.fields:
        fields.add_row(
            field.name,
            field.type,
            field.generator,
            _distinct(field.distinct),
            f"{field.nulls:.1%}" if field.nulls else "",
        )
    content = Table.grid()
    content.add_row(summary)
    content.add_row("")
    content.add_row(fields)
    if estimate.nested_fields:
        content.add_row("")
        content.add_row(_nested_fields(estimate))
    console.print(Panel(content, title=estimate.name, title_align="left"))


def _nested_fields(estimate: StreamEstimate) -> Table:
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("nested field", "type", "generator"):
        table.add_column(title, overflow="fold")
    for field in estimate.nested_fields[:NESTED_SHOWN_MAX]:
        table.add_row(escape(field.path), escape(field.type), field.generator)
    hidden = len(estimate.nested_fields) - NESTED_SHOWN_MAX
    if hidden > 0:
        table.add_row(f"[dim]… {hidden:,} more: --json[/dim]")
    return table


def _distinct(distinct: DistinctCount) -> str:
    if distinct.how != "at_least" and distinct.number >= DISTINCT_SHOWN_MAX:
        return "unlimited"
    return f"{_DISTINCT_MARKS[distinct.how]}{distinct.number:,}"


def _summary_lines(estimate: StreamEstimate) -> list[tuple[str, str]]:
    even = 1 / estimate.partitions
    key = f"key {estimate.key}" if estimate.key else "no key (round robin)"
    derived = "derived from the fields" if estimate.derived else "declared"
    return [
        ("topic", f"{estimate.topic}, {estimate.partitions} partitions, {key}, {estimate.format}"),
        ("schema", f"{estimate.schema_name}, {derived}"),
        ("rows", "unlimited" if estimate.rows is None else f"{estimate.rows:,}"),
        ("rate", _rate(estimate)),
        ("bytes", _bytes(estimate)),
        *([("too large", _too_large(estimate))] if estimate.too_large else []),
        ("fullest partition", f"{estimate.fullest_partition:.1%} of the rows (even: {even:.1%})"),
        *_ignored_logical_types(estimate),
        ("memory", f"{_size(estimate.memory_bytes)} for lookups and value pools"),
    ]


def _ignored_logical_types(estimate: StreamEstimate) -> Iterator[tuple[str, str]]:
    """Yield a warning for each logical type: its values are those of the type without it."""
    from rich.markup import escape  # noqa: PLC0415

    by_name: dict[str, list[str]] = {}
    for path, name in estimate.ignored_logical_types:
        by_name.setdefault(name, []).append(path)
    for name, paths in by_name.items():
        shown = [*paths[:PATHS_SHOWN_MAX], *(["…"] if len(paths) > PATHS_SHOWN_MAX else [])]
        text = f"logical type {name!r} is unknown, or not for this type: {', '.join(shown)}"
        yield "warning", escape(f"{text}; it is ignored")


def _rate(estimate: StreamEstimate) -> str:
    rates = estimate.rates
    if rates.mean is None or rates.min is None or rates.max is None:
        return f"{rates.profile}: as fast as possible"
    span = f", {rates.min:,.6g} to {rates.max:,.6g}" if rates.min != rates.max else ""
    return f"{rates.mean:,.6g} rows/s{span} ({rates.profile})"


def _bytes(estimate: StreamEstimate) -> str:
    per_s = estimate.bytes_per_s
    return f"{estimate.record_bytes:,.0f} per record" + (f", {_size(per_s)}/s" if per_s else "")


def _too_large(estimate: StreamEstimate) -> str:
    return (
        f"{estimate.too_large:.1%} of the records: over max.message.bytes="
        f"{estimate.message_bytes_max} of the topic, uncompressed; the largest has "
        f"{estimate.batch_bytes_max:,} bytes with its batch header. Such rows fail."
    )


def _size(size: float) -> str:
    for unit in _BYTE_UNITS:
        if size < _BYTE_UNIT_FACTOR or unit == _BYTE_UNITS[-1]:
            return f"{size:,.3g} {unit}"
        size /= _BYTE_UNIT_FACTOR
    raise AssertionError

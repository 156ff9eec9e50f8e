"""What stands below the charts: counters, latest rows, and what the stream is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from nicegui import ui

from gerador.api.plain import plain_batch
from gerador.page import numbers
from gerador.page.elements import attribute, box, button, words
from gerador.page.tables import table
from gerador.page.texts import text

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.page.texts import Language
    from gerador.scenario.avro import Record
    from gerador.service.status import StreamStatus
    from gerador.service.steering import StreamDetail

COUNTERS: Final = ("due", "made", "acked", "failed", "unknown", "in_flight", "behind")
"""The keys of GET /status that the page shows, by their own names."""
_EXPLAINED: Final = {"behind": "behind_rows"}
_RECIPE: Final = "/recipe"
_ADDRESSES: Final = ("/status", "/dados", "/streams", _RECIPE, "/metrics", "/openapi.json")


class Counters:
    """The honest counters, exactly as GET /status has them."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with box("section", "counters card"):
            with box("div", "title"):
                words("h2", text(language, "counters"))
                words("span", text(language, "sum"), "note")
            with box("dl"):
                self._numbers = {name: self._add(name) for name in COUNTERS}

    def show(self, one: StreamStatus) -> None:
        """Show the counters of one second."""
        for name, number in self._numbers.items():
            value: int = getattr(one, name)
            number.set_text(numbers.count(self._language, value))
            lost = bool(value) and name in {"failed", "unknown"}
            number.classes(replace="number lost" if lost else "number")

    def _add(self, name: str) -> Any:
        with box("div"):
            words("dt", name)
            number = words("dd", numbers.NONE, "number")
            words("dd", text(self._language, _EXPLAINED.get(name, name)), "note")
        number.props["data-counter"] = name
        return number


class LatestRows:
    """The newest rows as a table, newest first."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with box("section", "rows card"):
            words("h2", text(language, "latest"))
            # Scrolled sideways on a narrow screen, by touch or by the arrow keys.
            with box("div", "scroll") as frame:
                self._table = ui.html("", sanitize=False)
            attribute(frame, "tabindex", "0")
            attribute(frame, "role", "region")
            attribute(frame, "aria-label", text(language, "latest"))

    def show(self, rows: pa.RecordBatch | str | None, record: Record) -> None:
        """Show rows of `record`, oldest first, or the line that says why there are none."""
        if rows is None or isinstance(rows, str):
            line = text(self._language, "no_rows") if rows is None else rows
            self._table.set_content(f"<p class='note'>{escape(line)}</p>")
            return
        shown = plain_batch(rows, record)
        columns = {name: shown.column(name).to_pylist()[::-1] for name in shown.schema.names}
        self._table.set_content(table(columns))


class About:
    """Topic, partitions, schema, seed and start, and the command that makes the rows again."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with box("section", "about card"):
            words("h2", text(language, "about"))
            self._facts = ui.html("", sanitize=False)
            words("h3", text(language, "recipe"))
            with box("div", "recipe"):
                self._command = words("code", "")
                copy, done = text(language, "copy"), text(language, "copied")
                self._copy = button(copy)
            press = f"(event) => window.gerador.copy(event.currentTarget, {done!r})"
            self._copy.on("click", js_handler=press)
            self._differ = words("p", text(language, "recipe_times"), "note absent")
            with box("p", "note"):
                _link(_RECIPE, text(language, "whole_recipe"))
            with box("details"):
                words("summary", text(language, "schema"))
                self._schema = ui.html("", sanitize=False)
            _add_addresses(text(language, "addresses"))

    def show(self, one: StreamStatus) -> None:
        """Show what may become known while the stream runs."""
        language = self._language
        start = None if one.start is None else one.start.isoformat(timespec="milliseconds")
        facts = {
            "topic": one.topic or text(language, "no_topic"),
            "partitions": numbers.count(language, one.partitions),
            "framing": one.framing or numbers.NONE,
            "schema_id": numbers.NONE if one.schema_id is None else str(one.schema_id),
            "seed": str(one.seed),
            "start": numbers.NONE if start is None else start.replace("+00:00", "Z"),
            "generations": numbers.count(language, one.total_geracoes),
        }
        told = ((escape(text(language, key)), escape(value)) for key, value in facts.items())
        pairs = "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in told)
        self._facts.set_content(f"<dl>{pairs}</dl>")

    def describe(self, detail: StreamDetail) -> None:
        """Show the recipe and the schema of a stream."""
        language = self._language
        self._command.set_text(detail.command or text(language, "no_recipe"))
        self._copy.classes(replace="" if detail.command else "absent")
        self._differ.classes(replace="note" if detail.status.changes else "note absent")
        fields = detail.avro_schema["fields"]
        columns = {
            text(language, "field"): [field["name"] for field in fields],
            text(language, "type"): [_type(field["type"]) for field in fields],
        }
        self._schema.set_content(table(columns, "schema"))


def _add_addresses(label: str) -> None:
    with box("nav", "addresses") as links:
        for address in _ADDRESSES:
            _link(address, address)
    attribute(links, "aria-label", label)


def _link(address: str, said: str) -> None:
    attribute(words("a", said), "href", address)


def _type(avro_type: Any) -> str:
    """Return an Avro type in a word or two: its logical type where it has one."""
    if isinstance(avro_type, dict):
        plain = avro_type["type"]
        logical = avro_type.get("logicalType")
        return f"{_type(plain)} · {logical}" if logical else _type(plain)
    if isinstance(avro_type, list):
        return " | ".join(_type(branch) for branch in avro_type)
    return str(avro_type)

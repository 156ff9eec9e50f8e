"""The details panel: counters, latest rows, topic, schema, seed and reproducing command."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from nicegui import ui

from gerador.api.json_values import json_batch
from gerador.avro.schema import VALUE_FIELD
from gerador.page import number_format
from gerador.page.elements import button, container, set_attribute, text_element
from gerador.page.html_table import html_table
from gerador.page.translations import translate

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.avro.schema import Record
    from gerador.page.translations import Language
    from gerador.service.status import StreamStatus
    from gerador.service.stream_detail import StreamDetail


COUNTERS: Final = ("due", "made", "acked", "failed", "unknown", "in_flight", "behind")
"""Keys of GET /status that the page shows."""
_COUNTER_TEXTS: Final = {"behind": "behind_rows"}
_RECIPE: Final = "/recipe"
_ADDRESSES: Final = ("/status", "/dados", "/streams", _RECIPE, "/metrics", "/openapi.json")


class Counters:
    """The counters of GET /status."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with container("section", "counters card"):
            with container("div", "title"):
                text_element("h2", translate(language, "counters"))
                text_element("span", translate(language, "sum"), "note")
            with container("dl"):
                self._numbers = {name: self._add(name) for name in COUNTERS}

    def show(self, one: StreamStatus) -> None:
        """Show the counters of one second."""
        for name, number in self._numbers.items():
            value: int = getattr(one, name)
            number.set_text(number_format.format_count(self._language, value))
            lost = bool(value) and name in {"failed", "unknown"}
            number.classes(replace="number lost" if lost else "number")

    def _add(self, name: str) -> Any:
        with container("div"):
            text_element("dt", name)
            number = text_element("dd", number_format.NO_VALUE, "number")
            text_element("dd", translate(self._language, _COUNTER_TEXTS.get(name, name)), "note")
        number.props["data-counter"] = name
        return number


class LatestRows:
    """The latest rows as a table, newest first."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with container("section", "rows card"):
            text_element("h2", translate(language, "latest"))
            # Scrolls horizontally on a narrow screen, by touch or arrow keys.
            with container("div", "scroll") as scroll:
                self._table = ui.html("", sanitize=False)
            set_attribute(scroll, "tabindex", "0")
            set_attribute(scroll, "role", "region")
            set_attribute(scroll, "aria-label", translate(language, "latest"))

    def show(self, rows: pa.RecordBatch | str | None, record: Record) -> None:
        """Show rows of `record`, oldest first, or a text if there are none."""
        if rows is None or isinstance(rows, str):
            text = translate(self._language, "no_rows") if rows is None else rows
            self._table.set_content(f"<p class='note'>{escape(text)}</p>")
            return
        shown = json_batch(rows, record)
        columns = {name: shown.column(name).to_pylist()[::-1] for name in shown.schema.names}
        self._table.set_content(html_table(columns))


class StreamDetails:
    """Topic, partitions, schema, seed, start and the reproducing command of a stream."""

    def __init__(self, language: Language) -> None:
        self._language = language
        with container("section", "details card"):
            text_element("h2", translate(language, "about"))
            self._properties = ui.html("", sanitize=False)
            text_element("h3", translate(language, "reproduce"))
            with container("div", "recipe"):
                self._command = text_element("code", "")
                copy, done = translate(language, "copy"), translate(language, "copied")
                self._copy = button(copy)
            copy_command = f"(event) => window.gerador.copy(event.currentTarget, {done!r})"
            self._copy.on("click", js_handler=copy_command)
            self._times_differ = text_element(
                "p", translate(language, "times_differ"), "note is-hidden"
            )
            with container("p", "note"):
                _link(_RECIPE, translate(language, "full_recipe"))
            with container("details"):
                text_element("summary", translate(language, "schema"))
                self._schema = ui.html("", sanitize=False)
            _add_addresses(translate(language, "addresses"))

    def show(self, one: StreamStatus) -> None:
        """Show the properties that may change while the stream runs."""
        language = self._language
        start = None if one.start is None else one.start.isoformat(timespec="milliseconds")
        properties = {
            "topic": one.topic or translate(language, "no_topic"),
            "partitions": number_format.format_count(language, one.partitions),
            "framing": one.framing or number_format.NO_VALUE,
            "schema_id": number_format.NO_VALUE if one.schema_id is None else str(one.schema_id),
            "seed": str(one.seed),
            "start": number_format.NO_VALUE if start is None else start.replace("+00:00", "Z"),
            "generations": number_format.format_count(language, one.total_geracoes),
        }
        escaped = (
            (escape(translate(language, key)), escape(value)) for key, value in properties.items()
        )
        pairs = "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in escaped)
        self._properties.set_content(f"<dl>{pairs}</dl>")

    def show_detail(self, detail: StreamDetail) -> None:
        """Show the reproducing command and the schema of a stream."""
        language = self._language
        self._command.set_text(detail.command or translate(language, "no_recipe"))
        self._copy.classes(replace="" if detail.command else "is-hidden")
        self._times_differ.classes(replace="note" if detail.status.changes else "note is-hidden")
        schema = detail.avro_schema
        is_record = isinstance(schema, dict) and schema.get("fields")
        fields = schema["fields"] if is_record else [{"name": VALUE_FIELD, "type": schema}]
        columns = {
            translate(language, "field"): [field["name"] for field in fields],
            translate(language, "type"): [_type_text(field["type"]) for field in fields],
        }
        self._schema.set_content(html_table(columns, "schema"))


def _add_addresses(label: str) -> None:
    with container("nav", "addresses") as links:
        for address in _ADDRESSES:
            _link(address, address)
    set_attribute(links, "aria-label", label)


def _link(address: str, text: str) -> None:
    set_attribute(text_element("a", text), "href", address)


def _type_text(avro_type: Any) -> str:
    """Return an Avro type as short text, with its logical type."""
    if isinstance(avro_type, dict):
        plain = avro_type["type"]
        logical = avro_type.get("logicalType")
        return f"{_type_text(plain)} · {logical}" if logical else _type_text(plain)
    if isinstance(avro_type, list):
        return " | ".join(_type_text(branch) for branch in avro_type)
    return str(avro_type)

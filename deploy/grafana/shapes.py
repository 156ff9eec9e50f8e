"""JSON of Grafana panels, schema version 41 (Grafana 12).

Titles and expressions are in `panels.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

DATASOURCE: Final[Json] = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS: Final = 24
STAT_HEIGHT: Final = 4
GRAPH_HEIGHT: Final = 8


@dataclass(frozen=True, slots=True)
class Query:
    """An expression and the style of its lines; `axis` is their unit if they use the right axis."""

    expr: str
    legend: str
    axis: str | None = None
    dashed: bool = False
    color: str | None = None


def graph(title: str, description: str, unit: str, *queries: Query, log: bool = False) -> Json:
    """Return a panel of lines over time, from zero or on a logarithmic scale."""
    custom: Json = {
        "drawStyle": "line",
        "lineWidth": 2,
        "fillOpacity": 8,
        "showPoints": "never",
    }
    if unit == "short":
        custom["axisSoftMax"] = 1  # a count that is always 0 is at the bottom
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    defaults: Json = {"unit": unit, "custom": custom, "color": {"mode": "palette-classic"}}
    if log:
        custom["scaleDistribution"] = {"type": "log", "log": 10}
    else:
        defaults["min"] = 0
    overrides = [o for at, q in enumerate(queries) if (o := _override(q, at))]
    return _panel("timeseries", title, description, queries, defaults, options, overrides)


def heat_map(title: str, description: str, unit: str, query: Query) -> Json:
    """Return a heat map of a histogram's buckets over time."""
    options = {
        "calculate": False,
        "cellGap": 1,
        "color": {"mode": "scheme", "scheme": "Oranges", "exponent": 0.5, "steps": 64},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "showValue": "never",
        "tooltip": {"mode": "single", "yHistogram": True},
        "yAxis": {"axisPlacement": "left", "unit": unit},
        "cellValues": {"unit": "cps"},
    }
    panel = _panel("heatmap", title, description, [query], {}, options, [])
    panel["targets"][0]["format"] = "heatmap"
    return panel


def stat(
    title: str,
    description: str,
    unit: str,
    query: Query,
    *,
    steps: dict[float, str] | None = None,
    mappings: list[Json] | None = None,
) -> Json:
    """Return a panel with the latest value. `steps` are the colors from each value on."""
    thresholds: list[tuple[float | None, str]] = [(None, "green"), *(steps or {}).items()]
    defaults = {
        "unit": unit,
        "mappings": mappings or [],
        "color": {"mode": "thresholds"},
        "thresholds": {
            "mode": "absolute",
            "steps": [{"value": value, "color": color} for value, color in thresholds],
        },
    }
    return _panel("stat", title, description, [query], defaults, _stat_options("value"), [])


def state(title: str, description: str, query: Query, colors: dict[str, str]) -> Json:
    """Return a panel with the name of the current series, on its color."""
    overrides = [_named(name, "color", _fixed(color)) for name, color in colors.items()]
    options = _stat_options("name") | {"colorMode": "background", "graphMode": "none"}
    panel = _panel("stat", title, description, [query], {}, options, overrides)
    panel["targets"][0] |= {"instant": True, "range": False}
    return panel


def row(title: str, *, repeat: str | None = None) -> Json:
    """Return the heading of a row; repeated for each value of a variable."""
    heading: Json = {"type": "row", "title": title, "collapsed": False, "panels": []}
    return heading | ({"repeat": repeat} if repeat else {})


def arranged(rows: list[list[Json]]) -> list[Json]:
    """Return the panels with id and position; each row takes the whole width."""
    panels: list[Json] = []
    y = 0
    for row_panels in rows:
        width = COLUMNS // len(row_panels)
        heights = {"row": 1, "stat": STAT_HEIGHT}
        height = max(heights.get(p["type"], GRAPH_HEIGHT) for p in row_panels)
        for at, panel in enumerate(row_panels):
            position = {"x": at * width, "y": y, "w": width, "h": height}
            panels.append({"id": len(panels) + 1, "gridPos": position} | panel)
        y += height
    return panels


def _panel(
    kind: str,
    title: str,
    description: str,
    queries: tuple[Query, ...] | list[Query],
    defaults: Json,
    options: Json,
    overrides: list[Json],
) -> Json:
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "targets": [_target(q, at) for at, q in enumerate(queries)],
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": options,
    }


def _target(query: Query, at: int) -> Json:
    return {
        "refId": _letter(at),
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend,
        "range": True,
    }


def _override(query: Query, at: int) -> Json | None:
    """Return the style of a query's lines in its panel."""
    properties: list[Json] = []
    if query.axis is not None:
        properties += [_property("unit", query.axis), _property("custom.axisPlacement", "right")]
    if query.dashed:
        properties.append(_property("custom.lineStyle", {"fill": "dash", "dash": [8, 6]}))
        properties.append(_property("custom.fillOpacity", 0))
    if query.color is not None:
        properties.append(_property("color", _fixed(query.color)))
    matcher = {"id": "byFrameRefID", "options": _letter(at)}
    return {"matcher": matcher, "properties": properties} if properties else None


def _letter(at: int) -> str:
    return chr(ord("A") + at)


def _named(name: str, what: str, value: Any) -> Json:
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [_property(what, value)],
    }


def _property(what: str, value: Any) -> Json:
    return {"id": what, "value": value}


def _fixed(color: str) -> Json:
    return {"mode": "fixed", "fixedColor": color}


def _stat_options(text_mode: str) -> Json:
    return {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": text_mode,
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "center",
        "orientation": "auto",
    }

"""Stat panels and heat maps as SVG."""

from __future__ import annotations

import math
from html import escape

from tests.observability.frame import (
    COLORS,
    LEFT,
    Frame,
    Json,
    Line,
    Span,
    color_of,
    legend,
    step_of,
    times,
)
from tests.observability.units import format_value


def tile(panel: Json, lines: list[Line], _marks: list[Span], frame: Frame) -> str:
    """Return the latest value, large, above a faint line of its history."""
    middle, base = frame.width / 2, frame.height * 0.68
    if panel["options"]["textMode"] == "name":
        return _names(panel, lines, frame)
    defaults = panel["fieldConfig"]["defaults"]
    points = [p for line in lines for p in line.points]
    value = points[-1][1] if points else math.nan
    steps = [s for s in defaults["thresholds"]["steps"] if (s["value"] or 0) <= value]
    color = COLORS[steps[-1]["color"]]
    top = max((v for _, v in points), default=1.0) or 1.0
    low = [
        (
            frame.width * (t - frame.start) / (frame.end - frame.start),
            frame.height * (1 - 0.3 * v / top),
        )
        for t, v in points
    ]
    spark = " ".join(f"{x:.1f},{y:.1f}" for x, y in low)
    under = f"{frame.width},{frame.height} {low[0][0]:.1f},{frame.height}"
    return (
        f'<polygon fill="{color}" opacity="0.15" points="{spark} {under}"/>'
        f'<text class="value" x="{middle}" y="{base}" fill="{color}">'
        f"{format_value(value, defaults['unit'])}</text>"
    )


def _names(panel: Json, lines: list[Line], frame: Frame) -> str:
    inner, parts = (frame.height - 36) / max(len(lines), 1), []
    for at, line in enumerate(lines):
        y = 32 + at * inner
        color = color_of(panel, line, at)
        area = f'x="4" y="{y}" width="{frame.width - 8}" height="{inner}"'
        parts.append(f'<rect {area} fill="{color}" rx="3"/>')
        parts.append(
            f'<text class="value" x="{frame.width / 2}" y="{y + inner / 2 + 10}" fill="#fff">'
            f"{escape(line.name)}</text>"
        )
    return "".join(parts)


def heat_map(panel: Json, lines: list[Line], _marks: list[Span], frame: Frame) -> str:
    """Return buckets as rows of cells, brighter for more observations."""
    unit = panel["options"]["yAxis"]["unit"]
    edges = sorted(lines, key=lambda line: float(line.labels["le"]))
    rows = _within(edges)
    most = max((v for row in rows for v in row.values()), default=1.0)
    high = 1 / len(rows)
    parts = [times(frame)]
    for at, (line, row) in enumerate(zip(edges, rows, strict=True)):
        top, bottom = frame.y((at + 1) * high), frame.y(at * high)
        step = step_of(line.points)
        for time, value in row.items():
            if value > 0:
                x, width = frame.x(time - step), frame.x(time) - frame.x(time - step)
                light = 16 + 70 * math.sqrt(value / most)
                area = f'x="{x:.1f}" y="{top + 0.5:.1f}" width="{width:.1f}"'
                fill = f"hsl(28 85% {light:.0f}%)"
                parts.append(f'<rect {area} height="{bottom - top - 1:.1f}" fill="{fill}"/>')
        if at % 2 == 0:
            name = (
                "more"
                if line.labels["le"] == "+Inf"
                else format_value(float(line.labels["le"]), unit)
            )
            place = f'x="{LEFT - 8}" y="{top + 4:.1f}" text-anchor="end"'
            parts.append(f'<text class="axis" {place}>{name}</text>')
    key = [("few batches", "hsl(28 85% 25%)"), (f"up to {most:.0f} a second", "hsl(28 85% 86%)")]
    return "".join(parts) + legend(key, frame)


def _within(edges: list[Line]) -> list[dict[float, float]]:
    """Return the rate of each bucket alone: buckets of Prometheus are cumulative."""
    rows, below = [], dict[float, float]()
    for line in edges:
        now = dict(line.points)
        rows.append({t: max(0.0, v - below.get(t, 0.0)) for t, v in now.items()})
        below = now
    return rows

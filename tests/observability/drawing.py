"""Panels of the dashboard file as SVG, from the results of Prometheus.

Supports titles, units, names, colors and axes, and no other features of Grafana.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

from tests.observability.frame import (
    BOTTOM,
    LEGEND_LINE,
    RIGHT,
    Axis,
    Frame,
    Json,
    Line,
    Points,
    Span,
    color_of,
    legend,
    marked,
    property_of,
    scale,
    step_of,
    times,
    wrapped,
)
from tests.observability.tiles import heat_map, tile
from tests.observability.units import decades, ticks


def drawn(panel: Json, lines: list[Line], marks: list[Span], frame: Frame) -> str:
    """Return the SVG elements of a panel."""
    box = f'<rect class="panel" width="{frame.width}" height="{frame.height}" rx="3"/>'
    title = f'<text class="title" x="14" y="23">{escape(panel["title"])}</text>'
    draw = {"stat": tile, "heatmap": heat_map, "timeseries": _graph}[panel["type"]]
    return box + title + draw(panel, lines, marks, frame)


def _graph(panel: Json, lines: list[Line], marks: list[Span], frame: Frame) -> str:
    names = [(line.name, color_of(panel, line, at)) for at, line in enumerate(lines)]
    more = len(wrapped(names, frame.width)) - 1
    sides = [property_of(panel, line, "custom.axisPlacement") == "right" for line in lines]
    right = RIGHT if any(sides) else frame.right
    frame = replace(frame, bottom=BOTTOM + LEGEND_LINE * more, right=right)
    axes = {side: _axis(panel, lines, sides, side) for side in sorted({False, *sides})}
    parts = [times(frame), marked(marks, frame)]
    parts += [scale(axis, frame, left=not side) for side, axis in axes.items()]
    for line, side, (_, color) in zip(lines, sides, names, strict=True):
        dashed = property_of(panel, line, "custom.lineStyle") is not None
        parts.append(_path(line, axes[side], frame, color, dashed))
    return "".join(parts) + legend(names, frame)


def _axis(panel: Json, lines: list[Line], sides: list[bool], side: bool) -> Axis:
    """Return the axis of the lines on one side."""
    mine = [line for line, its in zip(lines, sides, strict=True) if its is side]
    defaults = panel["fieldConfig"]["defaults"]
    unit = (property_of(panel, mine[0], "unit") if mine else None) or defaults["unit"]
    values = [v for line in mine for _, v in line.points]
    if "scaleDistribution" in defaults["custom"]:
        return Axis(unit, decades([v for v in values if v > 0]), log=True)
    top = max([*values, 1.0 if unit == "short" else 0.0])
    return Axis(unit, ticks(top, 2 if unit == "bytes" else 10))


def _path(line: Line, axis: Axis, frame: Frame, color: str, dashed: bool) -> str:
    style = f'stroke="{color}"' + (' stroke-dasharray="7 5"' if dashed else "")
    drawings = []
    for run in _runs(line.points):
        places = [(frame.x(t), frame.y(axis.part(v))) for t, v in run]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        floor = f"{places[-1][0]:.1f},{frame.y(0):.1f} {places[0][0]:.1f},{frame.y(0):.1f}"
        if not dashed:
            drawings.append(f'<polygon fill="{color}" opacity="0.08" points="{points} {floor}"/>')
        drawings.append(f'<polyline class="line" {style} points="{points}"/>')
    return "".join(drawings)


def _runs(points: Points) -> list[Points]:
    """Return the points in segments without gaps."""
    runs: list[Points] = []
    step = step_of(points)
    for point in points:
        if not runs or point[0] - runs[-1][-1][0] > 1.5 * step:
            runs.append([])
        runs[-1].append(point)
    return runs

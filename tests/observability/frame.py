"""Frame, axes, legend and annotations of a panel as SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from tests.observability.units import format_value

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]
Points = list[tuple[float, float]]

COLORS: Final = {
    "green": "#73bf69",
    "blue": "#5794f2",
    "orange": "#ff9830",
    "red": "#f2495c",
    "purple": "#b877d9",
    "yellow": "#fade2a",
    "text": "#d8d9e6",
}
PALETTE: Final = ("#73bf69", "#fade2a", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#37872d")
LEFT, RIGHT, TOP, BOTTOM = 86, 70, 40, 52
"""Margins of a plot for its title, axes and legend, in pixels."""
LETTER: Final = 6.2
"""Width of a letter in the legend, in pixels."""
LEGEND_LINE: Final = 16


@dataclass(frozen=True, slots=True)
class Line:
    """A series: letter of its query, name in the legend, points (time, value)."""

    letter: str
    name: str
    points: Points
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """An annotation from one time to another."""

    start: float
    end: float
    color: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The unit of an axis and its ticks, ascending."""

    unit: str
    ticks: list[float]
    log: bool = False

    def part(self, value: float) -> float:
        """Return the height of a value in [0.0, 1.0]."""
        low, high = self.ticks[0], self.ticks[-1]
        if not self.log:
            return min(value / high, 1.0)
        return math.log(max(value, low) / low) / math.log(high / low)


@dataclass(frozen=True, slots=True)
class Frame:
    """Size and time range of a panel."""

    width: float
    height: float
    start: float
    end: float
    right: float = 18
    bottom: float = BOTTOM

    def x(self, time: float) -> float:
        """Return the x coordinate of a time."""
        inner = self.width - LEFT - self.right
        return LEFT + (time - self.start) / (self.end - self.start) * inner

    def y(self, part: float) -> float:
        """Return the y coordinate of a height in [0.0, 1.0] of the plot."""
        return TOP + (1 - part) * (self.height - TOP - self.bottom)


def scale(axis: Axis, frame: Frame, *, left: bool) -> str:
    """Return the numbers of an axis, and the grid lines of the left axis."""
    parts = []
    for value in axis.ticks:
        y = frame.y(axis.part(value))
        x, anchor = (LEFT - 8, "end") if left else (frame.width - frame.right + 8, "start")
        text = f'<text class="axis" x="{x}" y="{y + 4:.1f}" text-anchor="{anchor}">'
        parts.append(f"{text}{format_value(value, axis.unit)}</text>")
        if left:
            end = frame.width - frame.right
            parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{end}"/>')
    return "".join(parts)


def times(frame: Frame) -> str:
    """Return the minutes below the plot, and their grid lines."""
    parts = []
    minute = math.ceil(frame.start / 60) * 60
    while minute < frame.end:
        x = frame.x(minute)
        clock = f"{datetime.fromtimestamp(minute, UTC):%H:%M}"
        parts.append(f'<path class="grid" d="M{x:.1f} {frame.y(1)}V{frame.y(0)}"/>')
        parts.append(
            f'<text class="axis" x="{x:.1f}" y="{frame.y(0) + 17}" text-anchor="middle">'
            f"{clock}</text>"
        )
        minute += 60
    return "".join(parts)


def marked(marks: list[Span], frame: Frame) -> str:
    """Return the spans of annotations."""
    parts = []
    for mark in marks:
        color, x = COLORS[mark.color], frame.x(max(mark.start, frame.start))
        width = max(frame.x(mark.end) - x, 0)
        area = f'x="{x:.1f}" y="{TOP}" width="{width:.1f}" height="{frame.y(0) - TOP:.1f}"'
        parts.append(f'<rect {area} fill="{color}" opacity="0.13"/>')
        parts.append(
            f'<path d="M{x:.1f} {TOP}V{frame.y(0):.1f}" stroke="{color}" stroke-dasharray="3 3"/>'
        )
    return "".join(parts)


def legend(names: Iterable[tuple[str, str]], frame: Frame) -> str:
    """Return names and their colors below the plot, in as many lines as necessary."""
    parts = []
    lines = wrapped(list(names), frame.width)
    for at, line in enumerate(lines):
        x, y = 14.0, frame.height - 12 - LEGEND_LINE * (len(lines) - 1 - at)
        for name, color in line:
            parts.append(f'<rect x="{x:.0f}" y="{y - 6}" width="14" height="4" fill="{color}"/>')
            parts.append(f'<text class="legend" x="{x + 20:.0f}" y="{y}">{escape(name)}</text>')
            x += _room(name)
    return "".join(parts)


def wrapped(names: list[tuple[str, str]], width: float) -> list[list[tuple[str, str]]]:
    """Return the names of the legend in lines of at most `width` pixels."""
    lines: list[list[tuple[str, str]]] = [[]]
    left = width
    for name in names:
        left -= _room(name[0])
        if left < 0 and lines[-1]:
            lines.append([])
            left = width - _room(name[0])
        lines[-1].append(name)
    return lines


def _room(name: str) -> float:
    return 20 + LETTER * len(name) + 16


def property_of(panel: Json, line: Line, what: str) -> Any:
    """Return a property of a line, selected by its query or name, or None."""
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] in {line.letter, line.name}:
            for wanted in override["properties"]:
                if wanted["id"] == what:
                    return wanted["value"]
    return None


def color_of(panel: Json, line: Line, at: int) -> str:
    """Return the fixed color of a line, or its color in the palette."""
    fixed = property_of(panel, line, "color")
    return COLORS[fixed["fixedColor"]] if fixed else PALETTE[at % len(PALETTE)]


def step_of(points: Points) -> float:
    """Return the smallest time between adjacent points."""
    gaps = [b[0] - a[0] for a, b in pairwise(points)]
    return min(gaps, default=1.0)

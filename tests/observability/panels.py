"""The panels of the dashboard file, and its expressions with variables replaced."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DASHBOARD: Final = Path(__file__).parents[2] / "deploy/grafana/dashboards/gerador.json"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DashboardQuery:
    """An expression of the dashboard, and its panel and series."""

    where: str
    expr: str
    legend: str = ""
    instant: bool = False
    letter: str = ""


def dashboard() -> Json:
    """Return the dashboard's JSON."""
    read: Json = json.loads(DASHBOARD.read_text())
    return read


def panels() -> list[Json]:
    """Return the panels other than row headings, in order."""
    return [p for p in dashboard()["panels"] if p["type"] != "row"]


def queries(panel: Json) -> list[DashboardQuery]:
    """Return the expressions of a panel."""
    return [
        DashboardQuery(
            where=f"{panel['title']}, {t['legendFormat']}",
            expr=t["expr"],
            legend=t["legendFormat"],
            instant="instant" in t,
            letter=t["refId"],
        )
        for t in panel["targets"]
    ]


def annotations() -> list[DashboardQuery]:
    """Return the expressions of the annotations."""
    every = dashboard()["annotations"]["list"]
    return [DashboardQuery(a["name"], a["target"]["expr"], a["titleFormat"]) for a in every]


def every_expression() -> list[DashboardQuery]:
    """Return all expressions of the dashboard."""
    return [q for p in panels() for q in queries(p)] + annotations()


def filled(expr: str, rate_interval: str) -> str:
    """Return `expr` as Grafana sends it with all values of variables selected."""
    expr = expr.replace("$__rate_interval", rate_interval)
    return re.sub(r"\$(instance|stream)", ".+", expr)


def named(legend: str, labels: dict[str, str]) -> str:
    """Return the name of a series as Grafana formats it."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend)

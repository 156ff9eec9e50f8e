"""The dashboard file as Grafana would ask it: its panels, and expressions without variables."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DASHBOARD: Final = Path(__file__).parents[2] / "deploy/grafana/dashboards/gerador.json"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One expression of the dashboard, and where it stands."""

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
    """Return the panels that show something, in their order."""
    return [p for p in dashboard()["panels"] if p["type"] != "row"]


def queries(panel: Json) -> list[Asked]:
    """Return a panel's expressions."""
    return [
        Asked(
            where=f"{panel['title']}, {t['legendFormat']}",
            expr=t["expr"],
            legend=t["legendFormat"],
            instant="instant" in t,
            letter=t["refId"],
        )
        for t in panel["targets"]
    ]


def marks() -> list[Asked]:
    """Return the expressions of the annotations."""
    every = dashboard()["annotations"]["list"]
    return [Asked(a["name"], a["target"]["expr"], a["titleFormat"]) for a in every]


def every_expression() -> list[Asked]:
    """Return all that the dashboard asks Prometheus."""
    return [q for p in panels() for q in queries(p)] + marks()


def filled(expr: str, rate_interval: str) -> str:
    """Return `expr` as Grafana sends it when everything is selected."""
    expr = expr.replace("$__rate_interval", rate_interval)
    return re.sub(r"\$(instance|stream)", ".+", expr)


def named(legend: str, labels: dict[str, str]) -> str:
    """Return a series' name as Grafana writes it."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend)

"""Write Gerador's dashboard as Grafana's JSON to the standard output.

    python deploy/grafana/dashboard.py > deploy/grafana/dashboards/gerador.json

Holds the frame: variables, marks, and the order of the lines, which stand in `panels.py`. It needs
nothing but Python.
"""

from __future__ import annotations

import json
import sys
from typing import Final

import panels
from panels import PROCESS, STREAM, WINDOW
from shapes import DATASOURCE, Json, placed, row

SCHEMA_VERSION: Final = 41
"""Grafana 12.0's."""
MARK_STEP: Final = "5s"
"""How finely Grafana looks for marks: Prometheus' scrape interval."""


def variable(name: str, label: str, query: str) -> Json:
    """Return a variable whose values are those of a label."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "definition": query,
        "query": {
            "qryType": 1,  # values of a label
            "query": query,
            "refId": "PrometheusVariableQueryEditor-VariableQuery",
        },
        "refresh": 2,  # whenever the time range changes
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def annotation(name: str, color: str, title: str, text: str, expr: str) -> Json:
    """Return marks on every graph, wherever `expr` is above zero."""
    return {
        "name": name,
        "enable": True,
        "iconColor": color,
        "datasource": DATASOURCE,
        "target": {"expr": expr, "interval": MARK_STEP, "refId": "Anno"},
        "titleFormat": title,
        "textFormat": text,
        "tagKeys": "stream,instance",
    }


def marks() -> list[Json]:
    """Return the events that explain what the lines do."""
    changes = f"changes(gerador_pace_changes_total{{{STREAM}}}{WINDOW}) > 0"
    ill = f'gerador_state{{{PROCESS}, state=~"degradado|erro"}} == 1'
    young = f"time() - process_start_time_seconds{{{PROCESS}}} < 60"
    return [
        annotation(
            "Pace changed", "blue", "Pace changed", "{{stream}}: rate, pause or resume", changes
        ),
        annotation(
            "Not well", "orange", "{{state}}", "{{instance}}: GET /status names the reason", ill
        ),
        annotation("Started", "purple", "Started", "{{instance}}", young),
    ]


def dashboard() -> Json:
    """Return the whole dashboard."""
    data_source = {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "Prometheus", "value": "gerador-prometheus"},
    }
    lines = [
        panels.overview(),
        [row("Flow")],
        panels.flow(),
        [row("Acknowledgements")],
        panels.acknowledgements(),
        [row("On the wire")],
        panels.wire(),
        [row("Trouble")],
        panels.trouble(),
        [row("Process")],
        panels.process(),
        [row("Stream $stream", repeat="stream")],
        panels.one_stream(),
    ]
    return {
        "uid": "gerador",
        "title": "Gerador",
        "description": "What is asked of the generator, what it makes, what the brokers confirm.",
        "tags": ["gerador", "kafka"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,  # a shared crosshair
        "time": {"from": "now-15m", "to": "now"},
        "refresh": "5s",
        "timepicker": {},
        "timezone": "browser",
        "annotations": {"list": marks()},
        "templating": {
            "list": [
                data_source,
                variable("instance", "Instance", "label_values(gerador_build_info, instance)"),
                variable(
                    "stream",
                    "Stream",
                    'label_values(gerador_rows_due_total{instance=~"$instance"}, stream)',
                ),
            ]
        },
        "panels": placed(lines),
    }


if __name__ == "__main__":
    json.dump(dashboard(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")

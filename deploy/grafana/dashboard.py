"""Write the Grafana dashboard of gerador as JSON to standard output.

    python deploy/grafana/dashboard.py > deploy/grafana/dashboards/gerador.json

Contains variables, annotations and the order of the rows of panels, which are in `panels.py`.
Needs only the standard library.
"""

from __future__ import annotations

import json
import sys
from typing import Final

import panels
from panels import PROCESS, STREAM, WINDOW
from shapes import DATASOURCE, Json, arranged, row

SCHEMA_VERSION: Final = 41
"""Grafana 12.0's."""
ANNOTATION_STEP: Final = "5s"
"""Query step of annotations: Prometheus' scrape interval."""


def variable(name: str, label: str, query: str) -> Json:
    """Return a variable with the values of a label."""
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
    """Return an annotation of every graph where `expr` is above zero."""
    return {
        "name": name,
        "enable": True,
        "iconColor": color,
        "datasource": DATASOURCE,
        "target": {"expr": expr, "interval": ANNOTATION_STEP, "refId": "Anno"},
        "titleFormat": title,
        "textFormat": text,
        "tagKeys": "stream,instance",
    }


def annotations() -> list[Json]:
    """Return annotations of the events that explain the graphs."""
    changed = f"changes(gerador_rate_changes_total{{{STREAM}}}{WINDOW}) > 0"
    degraded = f'gerador_state{{{PROCESS}, state=~"degradado|erro"}} == 1'
    started = f"time() - process_start_time_seconds{{{PROCESS}}} < 60"
    return [
        annotation(
            "Rate changed",
            "blue",
            "Rate changed",
            "{{stream}}: rate, pause, resume or burst",
            changed,
        ),
        annotation(
            "Degraded",
            "orange",
            "{{state}}",
            "{{instance}}: see the reason in GET /status",
            degraded,
        ),
        annotation("Started", "purple", "Started", "{{instance}}", started),
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
    rows = [
        panels.overview(),
        [row("Throughput")],
        panels.throughput(),
        [row("Acknowledgements")],
        panels.acknowledgements(),
        [row("Network")],
        panels.network(),
        [row("Errors")],
        panels.errors(),
        [row("Process")],
        panels.process(),
        [row("Stream $stream", repeat="stream")],
        panels.one_stream(),
    ]
    return {
        "uid": "gerador",
        "title": "Gerador",
        "description": "Target rate, generated rows and acknowledged records of gerador.",
        "tags": ["gerador", "kafka"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,  # a shared crosshair
        "time": {"from": "now-15m", "to": "now"},
        "refresh": "5s",
        "timepicker": {},
        "timezone": "browser",
        "annotations": {"list": annotations()},
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
        "panels": arranged(rows),
    }


if __name__ == "__main__":
    json.dump(dashboard(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")

"""A run scraped by a real Prometheus: every expression of dashboard and rules has data."""

from __future__ import annotations

import math
import re
import subprocess
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.observability.conftest import RATE_INTERVAL, SCRAPE_S
from tests.observability.panels import DashboardQuery, every_expression, filled, panels
from tests.observability.picture import page
from tests.observability.prometheus import CONFIGURATION, program

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from tests.observability.scene import Scene

WHOLE_RUN_S = 120.0
PAGE = (CONFIGURATION.parents[1] / "docs" / "metrics.md").read_text()
RULES = (CONFIGURATION / "rules" / "recording.yml").read_text()
pytestmark = pytest.mark.timeout(240)  # the scene is set up once


@pytest.mark.parametrize("query", every_expression(), ids=lambda q: q.where)
def test_every_expression_of_the_dashboard_has_data(watched: Scene, query: DashboardQuery) -> None:
    """Each panel and annotation has numbers for a run in which every event has happened."""
    series = watched.prometheus.over(filled(query.expr, RATE_INTERVAL), WHOLE_RUN_S)
    values = [float(value) for one in series for _, value in one["values"]]
    assert any(map(math.isfinite, values)), f"only {values[:3]}"


@pytest.mark.parametrize("expr", re.findall(r"```promql\n(.*?)\n```", PAGE, re.DOTALL))
def test_every_expression_of_the_page_has_data(watched: Scene, expr: str) -> None:
    """Each query in docs/metrics.md has numbers."""
    series = watched.prometheus.over(expr, WHOLE_RUN_S)
    values = [float(value) for one in series for _, value in one["values"]]
    assert any(map(math.isfinite, values))


@pytest.mark.parametrize("name", re.findall(r"record: (\S+)", RULES))
def test_every_recording_rule_records(watched: Scene, name: str) -> None:
    """Each recorded series exists, with finite values."""
    series = watched.prometheus.over(f'{{__name__="{name}"}}', WHOLE_RUN_S)
    values = [float(value) for one in series for _, value in one["values"]]
    assert any(map(math.isfinite, values))


def test_every_alert_is_evaluated(watched: Scene) -> None:
    """No alert has an error, and every metric in its expression exists."""
    existing = set(watched.prometheus.get("label/__name__/values"))
    groups = watched.prometheus.get("rules", type="alert")["groups"]
    alerts = [rule for group in groups for rule in group["rules"]]
    assert len(alerts) == len(
        re.findall(r"alert: ", (CONFIGURATION / "rules/alerts.yml").read_text())
    )
    assert [a["name"] for a in alerts if a["health"] != "ok"] == []
    metric = re.compile(r"(?:\w+:)?(?:gerador|process)_[\w:]+")
    named = {name for a in alerts for name in metric.findall(a["query"])}
    assert named - existing == set()


def test_failed_rows_fire_an_alert(watched: Scene) -> None:
    """The alert for failed rows fires; its summary has stream, target and number of rows."""
    (firing,) = watched.prometheus.until('ALERTS{alertname="GeradorRecordsFailed"}')
    assert firing["metric"]["alertstate"] == "firing"
    alerts = watched.prometheus.get("alerts")["alerts"]
    (lost,) = [a for a in alerts if a["labels"]["alertname"] == "GeradorRecordsFailed"]
    failed = watched.status()["failed"]
    target = watched.generator.url().removeprefix("http://")
    assert lost["annotations"]["summary"] == f"registros on {target}: {failed} rows failed"


def test_the_counters_are_always_consistent(watched: Scene) -> None:
    """At every scrape of the run, every due row is counted exactly once."""
    (series,) = watched.prometheus.over("stream:gerador_rows:imbalance", WHOLE_RUN_S)
    assert {value for _, value in series["values"]} == {"0"}


def test_promtool_accepts_the_metrics(watched: Scene) -> None:
    """Names, types and help texts follow the rules of Prometheus."""
    done = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=watched.metrics(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_metrics_equal_the_status(watched: Scene) -> None:
    """While the stream is paused, Prometheus has the counts of GET /status."""
    watched.pause()
    try:
        watched.generator.until("status", "pausado")
        watched.prometheus.until("gerador_records_in_flight + gerador_rows_behind == 0")
        time.sleep(2 * SCRAPE_S)
        status = watched.status()
        samples = {s.name: s.value for f in _families(watched.metrics()) for s in f.samples}
        for key, name in {
            "due": "gerador_rows_due_total",
            "made": "gerador_rows_made_total",
            "acked": "gerador_records_acked_total",
            "unknown": "gerador_records_unknown",
            "bytes_acked": "gerador_acked_bytes_total",
            "changes": "gerador_rate_changes_total",
        }.items():
            (scraped,) = watched.prometheus.now(name)
            assert samples[name] == float(scraped["value"][1]) == status[key] > -1
        (failed,) = watched.prometheus.now("sum(gerador_records_failed_total)")
        assert float(failed["value"][1]) == status["failed"] > 0
    finally:
        watched.resume()


def test_the_dashboard_can_be_drawn(watched: Scene) -> None:
    """The script of the picture in docs/ draws every panel of the dashboard, as valid XML."""
    html, _ = page(watched.prometheus, time.time())
    drawing = ET.fromstring(html[html.index("<svg") :])  # noqa: S314 - our own
    titles = [text.text for text in drawing.iter("text") if text.get("class") == "title"]
    assert titles == [p["title"].replace("$stream", "registros") for p in panels()]


def _families(text: str) -> list[Metric]:
    return list(text_string_to_metric_families(text))

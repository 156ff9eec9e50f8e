"""The dashboard file, the rules and the pages on metrics are consistent with /metrics."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gerador.service.metrics import Metrics
from gerador.service.status import State, Status, StreamStatus
from tests.observability.panels import DASHBOARD, dashboard, every_expression, panels

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
METRICS_PAGE = (ROOT / "docs" / "metrics.md").read_text()
OPERATIONS_PAGE = (ROOT / "docs" / "operations.md").read_text()
RECORDING = (DEPLOY / "prometheus/rules/recording.yml").read_text()
ALERTS = (DEPLOY / "prometheus/rules/alerts.yml").read_text()
NAME = r"\b(?:gerador|process|python)_[a-z_]+"
UNITS = {"seconds", "bytes"}
"""Units that names end in; all other metrics are counts."""


class Metric(NamedTuple):
    """Type and labels of a metric."""

    kind: str
    labels: frozenset[str]


def exposed() -> dict[str, Metric]:
    """Return the metrics of a run in which each kind of event has happened, by name."""
    stream = StreamStatus(status=State.ACTIVE, seed=1, topic="t")
    metrics = Metrics("1")
    run = Status.of({"s": stream}, status=State.ACTIVE, seed=1, version="1")
    metrics.collect_status_from(lambda: run)
    metrics.observe_generated("s", 0.1, 1)
    metrics.observe_encoded("s", 0.1, 100)
    metrics.observe_acked("s", 0.1, 100, 1)
    families = text_string_to_metric_families(metrics.render()[0].decode())
    return dict(_metrics(families))


def _metrics(families: Any) -> Iterator[tuple[str, Metric]]:
    for family in families:
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = {label for s in family.samples for label in s.labels} - {"le"}
        yield name, Metric(family.type, frozenset(labels))


def documented() -> dict[str, Metric]:
    """Return the metrics in the tables of the page, by name."""
    row = re.compile(rf"^\| `({NAME})` \| (\w+) \| [^|]+ \| ([^|]*) \| [^|]+", re.MULTILINE)
    return {
        name: Metric(kind, frozenset(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in row.findall(METRICS_PAGE)
    }


def samples() -> set[str]:
    """Return the sample names of a scrape: a histogram has three."""
    parts = {"histogram": ("_bucket", "_sum", "_count")}
    every = exposed().items()
    return {name + part for name, metric in every for part in parts.get(metric.kind, ("",))}


def test_the_page_describes_every_metric_and_no_other() -> None:
    """Names, types and labels in docs/metrics.md are those of /metrics."""
    assert documented() == exposed()


def test_names_end_in_their_unit() -> None:
    """Metrics in seconds and bytes, and only these, have the unit at the end of their name."""
    units = re.findall(rf"^\| `({NAME})` \| \w+ \| ([^|]+) \|", METRICS_PAGE, re.MULTILINE)
    assert len(units) == len(exposed())
    for name, unit in units:
        ends = name.removesuffix("_total").rpartition("_")[2]
        assert (unit in UNITS, ends in UNITS) in {(True, True), (False, False)}, name
        assert ends == unit or ends not in UNITS, name


def test_the_page_names_the_keys_of_the_status() -> None:
    """The last column of the table is a key of GET /status."""
    keys = re.findall(r"^\| `gerador_.*\| `(\w+)` \|$", METRICS_PAGE, re.MULTILINE)
    assert len(keys) == len(set(keys)) > 10
    assert set(keys) <= set(StreamStatus.__dataclass_fields__)


def test_every_queried_metric_exists() -> None:
    """Dashboard, rules and pages query existing metrics only."""
    expressions = {q.where: q.expr for q in every_expression()}
    variables = {v["name"]: v.get("definition", "") for v in dashboard()["templating"]["list"]}
    pages = {"metrics.md": METRICS_PAGE, "operations.md": OPERATIONS_PAGE}
    known = samples() | set(exposed())
    for where, text in (
        expressions | variables | pages | {"recording": RECORDING, "alerts": ALERTS}
    ).items():
        bare = re.sub(r"\w+:gerador_\w+:\w+", "", text)
        missing = {n for n in re.findall(NAME, bare) if n not in known and not n.endswith("_")}
        assert not missing, where


def test_recorded_series_are_documented() -> None:
    """The page lists the recorded series; alerts use existing ones only."""
    recorded = re.findall(r"record: (\S+)", RECORDING)
    assert re.findall(r"^\| `(\w+:\S+)` \|", METRICS_PAGE, re.MULTILINE) == recorded
    assert set(re.findall(r"\w+:gerador_\w+:\w+", ALERTS)) <= set(recorded)


def test_every_state_is_documented_and_has_a_color() -> None:
    """The operations page explains each state word; the dashboard has a color for each."""
    words = [state.value for state in State]
    assert (
        re.findall(r"^\| `([a-z]+)` \| [^|]+ \| (?:200|503) \|", OPERATIONS_PAGE, re.MULTILINE)
        == words
    )
    (tile,) = [p for p in panels() if p["title"] == "State"]
    assert [o["matcher"]["options"] for o in tile["fieldConfig"]["overrides"]] == words


def test_every_alert_has_a_runbook() -> None:
    """Each alert links to the section of the operations page with its name."""
    alerts = re.findall(r"- alert: (\w+)", ALERTS)
    links = re.findall(r"runbook: docs/operations.md#(\w+)", ALERTS)
    headings = re.findall(r"^### (Gerador\w+)$", OPERATIONS_PAGE, re.MULTILINE)
    assert links == [a.lower() for a in alerts]
    assert headings == alerts


def test_the_dashboard_is_generated() -> None:
    """The file is the output of the script."""
    script = DEPLOY / "grafana" / "dashboard.py"
    written = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert written.stdout == DASHBOARD.read_text()


def test_panels_do_not_overlap() -> None:
    """Panels have unique ids, fit into 24 columns and do not overlap."""
    every = dashboard()["panels"]
    assert len({p["id"] for p in every}) == len(every)
    assert all(p["gridPos"]["x"] + p["gridPos"]["w"] <= 24 for p in every)
    for one, other in combinations(every, 2):
        assert not _overlap(one["gridPos"], other["gridPos"]), (one["title"], other["title"])


def _overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    across = a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
    return across and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]


@pytest.mark.parametrize("panel", panels(), ids=lambda p: p["title"])
def test_every_panel_is_described(panel: dict[str, Any]) -> None:
    """A panel has a title, a description, a unit, and a unique name for each series."""
    assert panel["title"]
    assert panel["description"].endswith(".")
    unit = panel["fieldConfig"]["defaults"].get("unit") or panel["options"].get("yAxis")
    assert unit or panel["options"]["textMode"] == "name"
    legends = [t["legendFormat"] for t in panel["targets"]]
    assert all(legends)
    assert len(set(legends)) == len(legends)


def test_the_data_source_is_the_provisioned_one() -> None:
    """The default of the variable is the provisioned uid; all panels use the variable."""
    provisioned = (DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text()
    (variable,) = [v for v in dashboard()["templating"]["list"] if v["type"] == "datasource"]
    assert f"uid: {variable['current']['value']}\n" in provisioned
    used = set(re.findall(r'"uid": "(\$[^"]+)"', DASHBOARD.read_text()))
    assert used == {"${" + variable["name"] + "}"}


def test_grafana_has_the_scrape_interval() -> None:
    """The interval of the data source, used for $__rate_interval, is the scrape interval."""
    prometheus = (DEPLOY / "prometheus/prometheus.yml").read_text()
    grafana = (DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text()
    scrape = re.search(r"scrape_interval: (\S+)", prometheus)
    grafana_interval = re.search(r"timeInterval: (\S+)", grafana)
    assert scrape is not None
    assert grafana_interval is not None
    assert scrape[1] == grafana_interval[1]

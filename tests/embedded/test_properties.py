"""What a node is configured with."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.embedded.properties import (
    SEGMENT_BYTES_MIN,
    TOPIC_RETENTION_BYTES,
    ClusterLayout,
    NodePorts,
    node_properties,
    properties_text,
    topic_config,
)

PORTS = [NodePorts({"PLAINTEXT": 9000 + i, "SASL": 9100 + i}, 9200 + i) for i in range(3)]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_value_survives_the_properties_file(value: str):
    """A value comes back as it was, through ASCII and Java's escapes."""
    text = properties_text({"name": value})
    assert text.isascii()
    assert text.count("\n") == 1
    escaped = text.removeprefix("name=").removesuffix("\n")
    units = codecs.decode(escaped, "unicode_escape")
    assert units.encode("utf-16-be", "surrogatepass").decode("utf-16-be") == value


@given(st.integers(1, 4096))
def test_a_topic_is_bounded_whatever_its_partitions(partitions: int):
    """The partitions' bounds add up to no more than the topic's, in segments that Kafka takes."""
    config = topic_config(partitions)
    assert int(config["retention.bytes"]) * partitions <= TOPIC_RETENTION_BYTES
    assert int(config["segment.bytes"]) >= SEGMENT_BYTES_MIN
    assert config["retention.ms"] == "-1"


@pytest.mark.parametrize(("nodes", "copies", "in_sync"), [(1, "1", "1"), (3, "3", "2")])
def test_replication_follows_the_number_of_nodes(nodes: int, copies: str, in_sync: str):
    """Every internal topic has as many copies as there are nodes, and a majority in sync."""
    made = node_properties(ClusterLayout(PORTS[:nodes]), 1)
    factors = {v for k, v in made.items() if k.endswith("replication.factor")}
    assert factors == {copies}
    assert made["min.insync.replicas"] == made["transaction.state.log.min.isr"] == in_sync


def test_every_listener_is_on_loopback_and_advertised():
    """No listener is bound to anything but loopback; clients are told the client listeners only."""
    made = node_properties(ClusterLayout(PORTS, {"SASL": "SASL_PLAINTEXT"}), 2)
    assert made["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9001,SASL://127.0.0.1:9101"
    assert made["listeners"] == made["advertised.listeners"] + ",CONTROLLER://127.0.0.1:9201"
    assert "SASL:SASL_PLAINTEXT" in made["listener.security.protocol.map"].split(",")
    assert made["controller.quorum.voters"] == "1@127.0.0.1:9200,2@127.0.0.1:9201,3@127.0.0.1:9202"


def test_extra_properties_win():
    """A property of the caller's replaces ours."""
    layout = ClusterLayout(PORTS[:1], extra={"num.partitions": "7"})
    assert node_properties(layout, 1)["num.partitions"] == "7"

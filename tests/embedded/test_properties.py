"""Configuration of nodes and topics."""

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
def test_properties_round_trip(value: str):
    """Any value is unchanged after escaping to ASCII and unescaping."""
    text = properties_text({"name": value})
    assert text.isascii()
    assert text.count("\n") == 1
    escaped = text.removeprefix("name=").removesuffix("\n")
    units = codecs.decode(escaped, "unicode_escape")
    assert units.encode("utf-16-be", "surrogatepass").decode("utf-16-be") == value


@given(st.integers(1, 4096))
def test_topic_retention_does_not_depend_on_partitions(partitions: int):
    """The partitions' limits add up to at most the topic's, with segment sizes valid in Kafka."""
    config = topic_config(partitions)
    assert int(config["retention.bytes"]) * partitions <= TOPIC_RETENTION_BYTES
    assert int(config["segment.bytes"]) >= SEGMENT_BYTES_MIN
    assert config["retention.ms"] == "-1"


@pytest.mark.parametrize(("nodes", "replicas", "in_sync"), [(1, "1", "1"), (3, "3", "2")])
def test_replication_follows_the_number_of_nodes(nodes: int, replicas: str, in_sync: str):
    """Internal topics have one replica per node and require a majority in sync."""
    properties = node_properties(ClusterLayout(PORTS[:nodes]), 1)
    factors = {v for k, v in properties.items() if k.endswith("replication.factor")}
    assert factors == {replicas}
    assert (
        properties["min.insync.replicas"] == properties["transaction.state.log.min.isr"] == in_sync
    )


def test_listeners_are_on_loopback_and_advertised():
    """All listeners are bound to loopback; only client listeners are advertised."""
    properties = node_properties(ClusterLayout(PORTS, {"SASL": "SASL_PLAINTEXT"}), 2)
    assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9001,SASL://127.0.0.1:9101"
    assert (
        properties["listeners"]
        == properties["advertised.listeners"] + ",CONTROLLER://127.0.0.1:9201"
    )
    assert "SASL:SASL_PLAINTEXT" in properties["listener.security.protocol.map"].split(",")
    assert (
        properties["controller.quorum.voters"]
        == "1@127.0.0.1:9200,2@127.0.0.1:9201,3@127.0.0.1:9202"
    )


def test_extra_properties_override():
    """An extra property overrides the default."""
    layout = ClusterLayout(PORTS[:1], extra={"num.partitions": "7"})
    assert node_properties(layout, 1)["num.partitions"] == "7"

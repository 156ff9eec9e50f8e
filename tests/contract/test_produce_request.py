"""Single-copy produce requests have the bytes of aiokafka's, on the socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.delivery.kafka.produce_request import (
    LAYOUT_VERSION_MIN,
    _RequestBody,
    use_single_copy_requests,
)

VERSIONS = [built.API_VERSION for built in ProduceRequest._CLASSES]
SINGLE_COPY_VERSIONS = [v for v in VERSIONS if v >= LAYOUT_VERSION_MIN]

batches = st.binary(max_size=300)
records = batches | batches.map(memoryview) | batches.map(lambda b: memoryview(bytearray(b)))
topics = st.lists(
    st.tuples(
        st.text(max_size=20),
        st.lists(st.tuples(st.integers(0, 2**31 - 1), records), max_size=4),
    ),
    max_size=4,
)
requests = st.builds(
    ProduceRequest,
    transactional_id=st.none() | st.text(max_size=10),
    required_acks=st.sampled_from([-1, 0, 1]),
    timeout=st.integers(0, 2**31 - 1),
    topics=topics,
)


class Client:
    """A client of one node, which sends through aiokafka's connection."""

    def __init__(self, version: int) -> None:
        self.sent: list[Any] = []
        self.written: list[bytes] = []
        self._connection = AIOKafkaConnection("127.0.0.1", 9092, client_id="gerador")
        self._connection._versions = dict.fromkeys(range(50), (0, 11)) | {0: (version, version)}
        self._connection._writer = self

    async def send(self, node_id: int, request: Any, *, group: str = "default") -> str:
        """Send as `AIOKafkaClient.send` does, without the wait for a connection."""
        self.sent.append(request)
        await self._connection.send(request, expect_response=False)
        self._connection._writer = None
        return f"{node_id} {group}"

    def write(self, message: bytes) -> None:
        """Record a write to the socket."""
        self.written.append(message)

    async def drain(self) -> None:
        """Do nothing."""


def on_the_socket(request: Any, version: int, *, single_copy: bool) -> list[bytes]:
    """Return what is written for `request` to a broker that speaks `version` only."""

    async def write() -> list[bytes]:
        client = Client(version)
        if single_copy:
            use_single_copy_requests(client)
        assert await client.send(3, request, group="default") == "3 default"
        return client.written

    return asyncio.run(write())


def test_aiokafka_has_the_versions_of_the_one_layout():
    """Versions 3 to 7 share one layout; a later version needs a check."""
    assert SINGLE_COPY_VERSIONS == [3, 4, 5, 6, 7]
    layouts = [
        built.SCHEMA
        for built in ProduceRequest._CLASSES
        if built.API_VERSION in SINGLE_COPY_VERSIONS
    ]
    assert all(layout is layouts[0] for layout in layouts)


@pytest.mark.parametrize("version", SINGLE_COPY_VERSIONS)
@settings(max_examples=60, deadline=None)
@given(request=requests)
def test_the_bytes_on_the_socket_are_aiokafkas(version: int, request: ProduceRequest):
    """Any topics, partitions and batches, as bytes or views, give one write of the same bytes."""
    ours = on_the_socket(request, version, single_copy=True)
    assert [type(message) for message in ours] == [bytes]
    assert ours == on_the_socket(request, version, single_copy=False)


@pytest.mark.parametrize("version", SINGLE_COPY_VERSIONS)
def test_a_struct_encodes_itself_in_pieces(version: int):
    """The single-copy form is in use: the batch is not copied before it is joined."""
    sent: list[Any] = []

    class Recording:
        def send(self, node_id: int, request: Any) -> int:
            sent.append(request.prepare({0: (version, version)}))
            return node_id

    client = Recording()
    use_single_copy_requests(client)
    batch = memoryview(bytearray(b"batch"))
    client.send(1, ProduceRequest(None, -1, 30_000, [("t", [(0, batch)])]))
    (struct,) = sent
    body = struct.encode()
    assert isinstance(body, _RequestBody)
    assert body._pieces[-1] is batch
    assert len(b"" + body) == len(b"".join(body._pieces))


@pytest.mark.parametrize("version", sorted(set(VERSIONS) - set(SINGLE_COPY_VERSIONS)))
@settings(max_examples=20, deadline=None)
@given(topics=topics)
def test_older_versions_are_left_to_aiokafka(version: int, topics: Any):
    """Versions before 3 have another layout, and aiokafka's encoding."""
    request = ProduceRequest(None, -1, 1000, topics)
    ours = on_the_socket(request, version, single_copy=True)
    assert ours == on_the_socket(request, version, single_copy=False)


def test_older_versions_reject_transactions():
    """Errors of aiokafka do not change."""
    with pytest.raises(IncompatibleBrokerVersion):
        on_the_socket(ProduceRequest("id", -1, 1000, []), 2, single_copy=True)


@pytest.mark.parametrize("acks", [-1, 0, 1])
def test_the_client_still_sees_a_produce_request(acks: int):
    """Aiokafka does not wait for a response when the request's acks is 0."""

    async def sent() -> Any:
        client = Client(7)
        use_single_copy_requests(client)
        await client.send(1, ProduceRequest(None, acks, 1000, []))
        return client.sent[0]

    seen = asyncio.run(sent())
    assert isinstance(seen, ProduceRequest)
    assert seen.required_acks == acks


def test_other_requests_are_left_alone():
    """Other requests reach the client unchanged."""
    request = MetadataRequest(["topic"])

    async def sent() -> Client:
        client = Client(7)
        use_single_copy_requests(client)
        await client.send(1, request)
        return client

    client = asyncio.run(sent())
    assert client.sent == [request]
    assert client.sent[0] is request
    assert client.written == on_the_socket(MetadataRequest(["topic"]), 7, single_copy=False)

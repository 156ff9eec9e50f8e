"""Serializes Produce requests with a single copy of the batches, instead of aiokafka's encoder."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from aiokafka.protocol.produce import ProduceRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    Piece = bytes | memoryview


_INT16: Final = struct.Struct(">h")
_INT32: Final = struct.Struct(">i")
_TWO_INT32: Final = struct.Struct(">ii")
_NULL_STRING: Final = _INT16.pack(-1)
LAYOUT_VERSION_MIN: Final = 3
"""Produce versions 3 to 7, the latest of aiokafka, have one layout."""


def use_single_copy_requests(client: Any) -> None:
    """Make an aiokafka client serialize its Produce requests with a single copy."""
    send = client.send

    def send_single_copy(node_id: int, request: Any, **options: Any) -> Any:
        if isinstance(request, ProduceRequest):
            request = _SingleCopyProduceRequest(request)
        return send(node_id, request, **options)

    client.send = send_single_copy


class _SingleCopyProduceRequest(ProduceRequest):  # type: ignore[misc]  # aiokafka has no types
    """A Produce request whose struct has another `encode`, with the same bytes."""

    def __init__(self, request: ProduceRequest) -> None:
        super().__init__(
            request._transactional_id,  # noqa: SLF001 - not public in aiokafka
            request._required_acks,  # noqa: SLF001
            request._timeout,  # noqa: SLF001
            request._topics,  # noqa: SLF001
        )

    def build(self, request_struct_class: Any) -> Any:
        """Return the struct of the negotiated version, with single-copy `encode` from version 3."""
        built = super().build(request_struct_class)
        if request_struct_class.API_VERSION >= LAYOUT_VERSION_MIN:
            head = _encode_string(self._transactional_id) + struct.pack(
                ">hi", self._required_acks, self._timeout
            )
            built.encode = lambda: _RequestBody([head, *_encode_topics(self._topics)])
        return built


class _RequestBody:
    """The body of a request in pieces; ``header + body`` is a `_RequestMessage`."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces

    def __radd__(self, header: bytes) -> _RequestMessage:
        return _RequestMessage([header, *self._pieces])


class _RequestMessage:
    """A request in pieces; ``size + message`` joins them, which is the only copy."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces

    def __len__(self) -> int:
        return sum(map(len, self._pieces))

    def __radd__(self, size: bytes) -> bytes:
        return b"".join([size, *self._pieces])


def _encode_topics(topics: Sequence[tuple[str, Sequence[tuple[int, Piece]]]]) -> list[Piece]:
    pieces: list[Piece] = [_INT32.pack(len(topics))]
    for name, partitions in topics:
        pieces += [_encode_string(name), _INT32.pack(len(partitions))]
        for partition, records in partitions:
            pieces += [_TWO_INT32.pack(partition, len(records)), records]
    return pieces


def _encode_string(text: str | None) -> bytes:
    if text is None:
        return _NULL_STRING
    encoded = text.encode()
    return _INT16.pack(len(encoded)) + encoded

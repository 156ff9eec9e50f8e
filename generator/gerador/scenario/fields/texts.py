"""Kinds of text and bytes: Faker's, patterns, templates, addresses, uuids, random characters."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from gerador.scenario.fields.declared import NUMBERS, TEXTS, Declared, Share
from gerador.scenario.template import Slot, template_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gerador.scenario.avro import AvroType

LOCALE: Final = "pt_BR"
POOL_ROWS_MAX: Final = 65_536
ADDRESSES_MAX: Final = 2**62
"""Addresses that may be told apart by row: those of a network's last 62 bits."""
TEXT_WORDS: Final = NUMBERS | TEXTS | {"boolean", "date", "time", "timestamp"}
"""Words of the types that a template takes as text."""
UUID_TYPE: Final = {"type": "string", "logicalType": "uuid"}


class _Text(Declared):
    suits: ClassVar[frozenset[str]] = frozenset({"string"})

    def natural_type(self) -> Any:
        """Return string."""
        return "string"


class FakerField(_Text):
    """Values of a Faker provider, drawn once into a pool of `pool_rows` (None: by provider).

    In a file also ``faker.name``; `args` are the provider's keyword arguments. On a string
    numbers, dates and booleans become text.
    """

    suits: ClassVar[frozenset[str]] = frozenset(
        {"string", "int", "long", "float", "double", "boolean"}
    )
    main: ClassVar[str | None] = "provider"
    kind: Literal["faker"] = "faker"
    provider: str
    """Name of the provider: name, city, license_plate, …"""
    locale: str = LOCALE
    """Language and country: pt_BR, en_US, …"""
    args: dict[str, Any] = Field(default_factory=dict)
    """The provider's keyword arguments."""
    pool_rows: int | None = None
    """Values that are drawn once and used again, 1 to 65,536; by the provider when not said."""

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield what makes no sense about the pool."""
        if self.pool_rows is not None and not 1 <= self.pool_rows <= POOL_ROWS_MAX:
            yield "pool_rows", f"pool_rows {self.pool_rows}; give 1 to {POOL_ROWS_MAX}"


class TemplateField(_Text):
    """Text with other fields of the row in it: ``"{nome|lower|ascii}@{dominio}"``."""

    main: ClassVar[str | None] = "text"
    kind: Literal["template"] = "template"
    reads: ClassVar[frozenset[str]] = TEXT_WORDS
    text: Annotated[str, Field(max_length=10_000)]
    """The text; {name} is a field's value, {name|lower|ascii} changed; {{ is a brace."""

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the fields between braces; none where the braces make no sense."""
        with suppress(ValueError):
            slots = (part for part in template_parts(self.text) if isinstance(part, Slot))
            yield from (("text", name) for name in dict.fromkeys(slot.name for slot in slots))

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield what makes no sense between the braces."""
        yield from super().refusals(avro_type)
        try:
            template_parts(self.text)
        except ValueError as e:
            yield "text", f"{self.text!r}: {e}"


class IpField(_Text):
    """Addresses of a network, version 4 or 6 (``10.0.0.0/8``, ``2001:db8::/32``), equally likely.

    Version 6 is written as RFC 5952 recommends.
    """

    main: ClassVar[str | None] = "network"
    kind: Literal["ip"] = "ip"
    network: str = "0.0.0.0/0"
    """The network: 10.0.0.0/8, 2001:db8::/32; all of version 4 when not said."""

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield what is no network."""
        try:
            ip_network(self.network)
        except ValueError as e:
            yield "network", f"{self.network!r} is no network: {e}; write one like 10.0.0.0/8"

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many addresses there are, and of more than 2**62 so many."""
        return min(ip_network(self.network).num_addresses, ADDRESSES_MAX)


class UuidField(Declared):
    """A random uuid, version 4, for each value."""

    suits: ClassVar[frozenset[str]] = frozenset({"string", "uuid", "uuid on fixed"})
    kind: Literal["uuid"] = "uuid"

    def natural_type(self) -> Any:
        """Return a uuid on string."""
        return UUID_TYPE

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many there are by their random bits: no two are met alike."""
        return 2**122


class GenerationIdField(Declared):
    """One random uuid for each generation of rows."""

    suits: ClassVar[frozenset[str]] = frozenset({"string", "uuid"})
    kind: Literal["generation_id"] = "generation_id"

    def natural_type(self) -> Any:
        """Return a uuid on string."""
        return UUID_TYPE


class SymbolField(Declared):
    """One of an enum's symbols, equally likely."""

    suits: ClassVar[frozenset[str]] = frozenset({"enum"})
    kind: Literal["symbol"] = "symbol"


class BooleanField(Declared):
    """True with the share `true_share`."""

    suits: ClassVar[frozenset[str]] = frozenset({"boolean"})
    main: ClassVar[str | None] = "true_share"
    kind: Literal["boolean"] = "boolean"
    true_share: Share = 0.5
    """Share of true, as 0.8 or 80%."""

    def natural_type(self) -> Any:
        """Return boolean."""
        return "boolean"

"""The exception hierarchy, and the "did you mean" hint of messages."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class GeradorError(Exception):
    """Root of every error that this package raises on purpose."""

    retriable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class ConfigurationError(GeradorError):
    """A value that cannot be used as it stands. Ends a start with exit code 2."""

    exit_code = 2


class SettingError(ConfigurationError):
    """An environment variable or a command-line option with a value that makes no sense."""


class SchemaError(ConfigurationError):
    """An Avro schema that is malformed or uses what is not supported."""


class ScenarioError(ConfigurationError):
    """A scenario file that makes no sense; each line of its text is one complaint."""


class IncompatibleSchemaError(ConfigurationError):
    """The schema registry refused the schema: it is incompatible with its subject's versions."""


class DataError(GeradorError):
    """Arrow columns that do not fit the Avro schema they are to be encoded with."""


class ControlError(GeradorError):
    """The stream cannot be steered now: it has not begun, or it is ending."""


class UnavailableError(GeradorError):
    """Something outside this process that may come back: retried while the service stays up."""

    retriable = True


class KafkaUnavailableError(UnavailableError):
    """The brokers are away, refuse the client, or do not answer in time."""


class RegistryUnavailableError(UnavailableError):
    """The schema registry is away or refuses the request."""


class EmbeddedKafkaError(UnavailableError):
    """The local Apache Kafka cannot be had (Java, jars, a port) or does not start."""


class RowGenerationError(GeradorError):
    """A slice of rows could not be made or encoded; its rows are counted as failed."""


def did_you_mean(name: str, valid: Iterable[str], advice: str = "") -> str:
    """Return ``"; did you mean 'x'?"`` for the closest valid name, or an empty string.

    `advice` follows as a sentence of its own, or after a semicolon when no name is close.
    """
    close = get_close_matches(name, [v for v in valid if v != name], n=1, cutoff=0.6)
    if not close:
        return f"; {advice}" if advice else ""
    return f"; did you mean {close[0]!r}?" + (f" {advice[0].upper()}{advice[1:]}" if advice else "")

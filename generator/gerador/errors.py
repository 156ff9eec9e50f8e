"""The exceptions of this package.

::

    GeradorError
    ├── ConfigurationError          exit code 2
    │   ├── SettingError
    │   ├── SchemaError
    │   ├── ScenarioError
    │   ├── MissingExtraError
    │   └── IncompatibleSchemaError
    ├── DataError
    ├── RowGenerationError
    ├── ControlError
    └── UnavailableError            retriable
        ├── KafkaUnavailableError
        ├── RegistryUnavailableError
        └── EmbeddedKafkaError
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class GeradorError(Exception):
    """Base class of all errors that this package raises on purpose.

    Attributes:
        retriable: whether the same operation may succeed later.
        exit_code: exit code of the command that ends with this error.
    """

    retriable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class ConfigurationError(GeradorError):
    """Invalid configuration. The command ends with exit code 2 before it sends a row."""

    exit_code = 2


class SettingError(ConfigurationError):
    """An invalid environment variable, command-line option or argument."""


class SchemaError(ConfigurationError):
    """A malformed or unsupported Avro schema."""


class ScenarioError(ConfigurationError):
    """An invalid scenario file. The text has one line per error."""


class MissingExtraError(ConfigurationError):
    """Packages of an extra of the distribution are not installed. The text has the command."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} requires packages that are not installed: "
            f"pip install 'gerador-stream[{extra}]'"
        )


class IncompatibleSchemaError(ConfigurationError):
    """The schema registry rejected the schema as incompatible with its subject's versions."""


class DataError(GeradorError):
    """Values that the target type cannot represent: of a column, or a time after 2262-04-11."""


class RowGenerationError(GeradorError):
    """A slice of rows could not be generated or encoded. Its rows are counted as failed."""


class ControlError(GeradorError):
    """A live change of a stream that has not started yet, or that is ending."""


class UnavailableError(GeradorError):
    """An external service is unavailable. Retried while the service runs."""

    retriable = True


class KafkaUnavailableError(UnavailableError):
    """The brokers are unreachable, reject the client, or do not respond in time."""


class RegistryUnavailableError(UnavailableError):
    """The schema registry is unreachable or rejects the request."""


class EmbeddedKafkaError(UnavailableError):
    """The local Apache Kafka cannot be installed (Java, jars, port) or does not start."""


def did_you_mean(name: str, valid: Iterable[str], advice: str = "") -> str:
    """Return ``"; did you mean 'x'?"`` for the closest valid name, or an empty string.

    `advice` follows as a sentence of its own, or after a semicolon when no name is close.
    """
    close = get_close_matches(name, [v for v in valid if v != name], n=1, cutoff=0.6)
    if not close:
        return f"; {advice}" if advice else ""
    return f"; did you mean {close[0]!r}?" + (f" {advice[0].upper()}{advice[1:]}" if advice else "")

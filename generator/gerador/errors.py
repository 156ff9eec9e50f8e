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
        field: path of the field whose declaration or values are wrong; None: no field, or several.
    """

    retriable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


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
    """A module of an extra of the distribution is not installed. The text has the command."""

    def __init__(self, what: str, module: str | None, extra: str) -> None:
        super().__init__(
            f"{what} requires the module {module!r}, which is not installed: "
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


def did_you_mean(
    name: str, valid: Iterable[str], advice: str = "", *, closest: str | None = None
) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest valid name, or an empty string.

    `advice` follows as a sentence of its own, or after a semicolon when no name is close.
    `closest` is the closest name, if the caller knows it.
    """
    if closest is None:
        names = [v for v in valid if v != name]
        closest = next(iter(get_close_matches(name, names, n=1, cutoff=0.6)), None)
    if closest is None:
        return f"; {advice}" if advice else ""
    return f"; did you mean {closest!r}?" + (f" {advice[0].upper()}{advice[1:]}" if advice else "")

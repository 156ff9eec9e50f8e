"""A log handler for aiokafka's logger: keeps the last error as a message and counts retries."""

from __future__ import annotations

import logging
import re
from asyncio import IncompleteReadError
from typing import Final, Self

from gerador.delivery.kafka.error_messages import explain

AIOKAFKA_LOGGER: Final = "aiokafka"
_SIZE_BYTES: Final = 4
"""Length of the size prefix of a Kafka response."""
_ERROR_CLASS_NAME: Final = re.compile(r"\b[A-Z]\w*(?:Error|Failed)\b")
_RETRY_LOG_PREFIX: Final = "Got error produce response"


class AiokafkaLogHandler(logging.Handler):
    """Keeps the last error of aiokafka's log, and the reasons of its retries.

    Use it as a context manager. Inside, aiokafka's log is not printed: the sink reports errors
    with its own messages.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.protocol = "PLAINTEXT"
        self._last_error: str | None = None
        self._retry_reasons: list[str] = []
        self._propagated = True

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's text; called from the event loop's thread."""
        text = record.getMessage() + "".join(map(_non_kafka_answer, record.args or ()))
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}: {record.exc_info[1]!r}"
        if text.startswith(_RETRY_LOG_PREFIX):
            error_class = _ERROR_CLASS_NAME.search(text)
            self._retry_reasons.append(error_class[0] if error_class else "other")
        # Follow-up messages such as "Unable to update metadata" would hide the cause.
        if explain(text, self.protocol) is not None or self._last_error is None:
            self._last_error = text

    def cause(self) -> str | None:
        """Return the last error as one line with a way out; None without an error."""
        if self._last_error is None:
            return None
        return explain(self._last_error, self.protocol) or self._last_error.replace("\n", " ")

    def take_retry_reasons(self) -> list[str]:
        """Return the error class names of the retries since the last call."""
        taken, self._retry_reasons = self._retry_reasons, []
        return taken

    def clear(self) -> None:
        """Drop the last error."""
        self._last_error = None

    def __enter__(self) -> Self:
        """Attach the handler to aiokafka's logger."""
        logger = logging.getLogger(AIOKAFKA_LOGGER)
        logger.addHandler(self)
        self._propagated, logger.propagate = logger.propagate, False
        return self

    def __exit__(self, *_: object) -> None:
        """Detach the handler."""
        logger = logging.getLogger(AIOKAFKA_LOGGER)
        logger.removeHandler(self)
        logger.propagate = self._propagated


def _non_kafka_answer(logged: object) -> str:
    """Return the first bytes of an answer that is not Kafka's, which aiokafka read as a size."""
    cause = logged.__cause__ if isinstance(logged, BaseException) else None
    if isinstance(cause, IncompleteReadError):
        first = (cause.expected or 0).to_bytes(_SIZE_BYTES, "big")
        return f" (answered {first!r})"
    return " (answered with an invalid size)" if isinstance(cause, ValueError) else ""

"""Error messages for aiokafka's errors and log records, each with a cause and a way to fix it."""

from __future__ import annotations

import logging
import re
from asyncio import IncompleteReadError
from typing import Final, Self

from aiokafka import errors as kafka_errors

AIOKAFKA_LOGGER: Final = "aiokafka"

_CAUSES: Final[tuple[tuple[str, str], ...]] = (
    (
        r"answered b['\"]HTTP",
        "what listens there is a web server, not a Kafka broker; check KAFKA_BOOTSTRAP_SERVERS",
    ),
    (
        r"answered b['\"]\\x15\\x03",
        "the port expects TLS; use KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL",
    ),
    (
        r"answered b['\"](?!\\x00)|answered nonsense",
        "what listens there does not speak Kafka's protocol; check KAFKA_BOOTSTRAP_SERVERS",
    ),
    (
        r"certificate has expired|CERTIFICATE_EXPIRED|certificate expired",
        "a certificate has expired; renew the broker's, or the one in KAFKA_SSL_CERTFILE",
    ),
    (
        r"self.signed certificate|unable to get (?:local )?issuer|UNKNOWN_CA|unknown ca",
        (
            "the broker's certificate is signed by an authority that is not trusted; "
            "give its CA in KAFKA_SSL_CAFILE"
        ),
    ),
    (
        r"[Hh]ostname mismatch|IP address mismatch|doesn't match",
        "the broker's certificate is for another host name; use the name that it was issued for",
    ),
    (
        r"CERTIFICATE_REQUIRED|certificate required|bad certificate|BAD_CERTIFICATE",
        (
            "the broker asks for a client certificate that it trusts; "
            "give KAFKA_SSL_CERTFILE and KAFKA_SSL_KEYFILE"
        ),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "the broker's certificate cannot be verified; see KAFKA_SSL_CAFILE",
    ),
    (
        (
            r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|record layer failure|wrong version number|"
            r"SSL shutdown|UNEXPECTED_EOF|unexpected eof|packet length too long"
        ),
        (
            "the port does not speak TLS; use KAFKA_SECURITY_PROTOCOL=PLAINTEXT or SASL_PLAINTEXT, "
            "or the port of the TLS listener"
        ),
    ),
    (
        (
            r"SaslAuthenticationFailed|Authentication failed|authentication failed|"
            r"[Ii]nvalid credentials|AuthenticationFailedError|IllegalSaslState"
        ),
        (
            "the broker refused the login; check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD "
            "(or the OAuth client)"
        ),
    ),
    (
        r"does not support .* sasl|UnsupportedSaslMechanism",
        "the broker does not offer this KAFKA_SASL_MECHANISM",
    ),
    (
        r"invalid_client|unauthorized_client|OAuthError",
        (
            "the token endpoint refused the OAuth client; check KAFKA_SASL_OAUTHBEARER_CLIENT_ID "
            "and _CLIENT_SECRET"
        ),
    ),
    (
        (
            r"[Nn]ame or service not known|nodename nor servname|getaddrinfo|"
            r"No address associated|Temporary failure in name resolution"
        ),
        "the host name is not known; check KAFKA_BOOTSTRAP_SERVERS",
    ),
    (
        r"Connect call failed|Connection refused|Errno 111|Errno 61",
        (
            "nothing listens there; start the broker, check KAFKA_BOOTSTRAP_SERVERS, "
            "or run with --embedded or --no-kafka"
        ),
    ),
    (
        r"TopicAuthorizationFailed|ClusterAuthorizationFailed",
        "the user may not write or create the topic; grant WRITE, DESCRIBE, CREATE",
    ),
    (r"TimeoutError|timed out|RequestTimedOut", "the brokers do not answer in time"),
    (
        r"NotEnoughReplicas",
        "fewer replicas are in sync than the topic's min.insync.replicas asks for",
    ),
    (r"UnknownTopicOrPartition", "the topic is not there (deleted, or not yet known everywhere)"),
    (r"LeaderNotAvailable|NotLeaderForPartition|no leader", "a partition has no leader right now"),
)
_CONNECTION_CLOSED: Final = (
    r"Connection at .* closed|Connection reset|CorrelationId|0 bytes read|IncompleteRead"
)
_CLOSED_HINTS: Final = {
    "PLAINTEXT": "the port may expect TLS or SASL (KAFKA_SECURITY_PROTOCOL)",
    "SSL": "it may ask for a client certificate that it trusts; "
    "give KAFKA_SSL_CERTFILE and KAFKA_SSL_KEYFILE",
    "SASL_PLAINTEXT": "the port may expect TLS (KAFKA_SECURITY_PROTOCOL=SASL_SSL)",
    "SASL_SSL": "it may ask for a client certificate that it trusts; "
    "give KAFKA_SSL_CERTFILE and KAFKA_SSL_KEYFILE",
}
_CONNECT_TIMEOUT: Final = r'Unable connect to (?:node with id \S+|"[^"]*"): $'
"""aiokafka's words for a time-out, whose text is empty."""
_TLS_TIMEOUT_HINT: Final = (
    "the port does not speak TLS, or does not answer; "
    "use KAFKA_SECURITY_PROTOCOL=PLAINTEXT or SASL_PLAINTEXT, or the port of the TLS listener"
)
_SIZE_BYTES: Final = 4
"""Length of the size before each of Kafka's answers."""
_ERROR_CLASS_NAME: Final = re.compile(r"\b[A-Z]\w*(?:Error|Failed)\b")
_RETRY_LOG_PREFIX: Final = "Got error produce response"

NON_RETRIABLE_ERRORS: Final = (
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidMessageError,
    kafka_errors.InvalidTimestampError,
    kafka_errors.UnsupportedCodecError,
    kafka_errors.UnsupportedForMessageFormatError,
)
"""Refusals that the same bytes would meet again: the rows are failed, not sent once more."""


def explain(text: str, protocol: str = "PLAINTEXT") -> str | None:
    """Return what is wrong and the way out for a text of aiokafka's, or None if it is not known.

    `protocol` is the security protocol in use: a closed connection means other things with TLS.
    """
    known = next((say for pattern, say in _CAUSES if re.search(pattern, text)), None)
    if known is None and re.search(_CONNECTION_CLOSED, text):
        return f"the broker closed the connection: it is stopping, or {_CLOSED_HINTS[protocol]}"
    if known is None and re.search(_CONNECT_TIMEOUT, text):
        return (
            _TLS_TIMEOUT_HINT if protocol.endswith("SSL") else "the brokers do not answer in time"
        )
    return known


def describe(error: BaseException, protocol: str = "PLAINTEXT") -> str:
    """Return one line for an error of aiokafka's."""
    text = f"{type(error).__name__}: {error}".strip(": ").replace("\n", " ")
    return explain(text, protocol) or text


def _non_kafka_answer(logged: object) -> str:
    """Return what the other side said, if it was not Kafka: aiokafka took it for a size."""
    cause = logged.__cause__ if isinstance(logged, BaseException) else None
    if isinstance(cause, IncompleteReadError):
        first = (cause.expected or 0).to_bytes(_SIZE_BYTES, "big")
        return f" (answered {first!r})"
    return " (answered nonsense)" if isinstance(cause, ValueError) else ""


class AiokafkaLogHandler(logging.Handler):
    """Remembers the last complaint in aiokafka's log, and counts its retries.

    Attach with ``with LogWatch() as watch``; the logger then no longer prints by itself, since
    what matters in it is said by the sink in its own words.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.protocol = "PLAINTEXT"
        self.last: str | None = None
        self._retries: list[str] = []
        self._propagated = True

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message; called by the logger from the event loop's thread."""
        text = record.getMessage() + "".join(map(_non_kafka_answer, record.args or ()))
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}: {record.exc_info[1]!r}"
        if text.startswith(_RETRY_LOG_PREFIX):
            named = _ERROR_CLASS_NAME.search(text)
            self._retries.append(named[0] if named else "other")
        # "Unable to update metadata" and its like follow the cause and would hide it.
        if explain(text, self.protocol) is not None or self.last is None:
            self.last = text

    def cause(self) -> str | None:
        """Return the last complaint as one line with a way out."""
        if self.last is None:
            return None
        return explain(self.last, self.protocol) or self.last.replace("\n", " ")

    def take_retries(self) -> list[str]:
        """Return the reasons of the retries since the last call, as names of error classes."""
        taken, self._retries = self._retries, []
        return taken

    def forget(self) -> None:
        """Start afresh: what was wrong is over."""
        self.last = None

    def __enter__(self) -> Self:
        """Start to listen."""
        logger = logging.getLogger(AIOKAFKA_LOGGER)
        logger.addHandler(self)
        self._propagated, logger.propagate = logger.propagate, False
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to listen."""
        logger = logging.getLogger(AIOKAFKA_LOGGER)
        logger.removeHandler(self)
        logger.propagate = self._propagated

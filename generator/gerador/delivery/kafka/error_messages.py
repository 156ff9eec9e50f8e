"""One-line messages for aiokafka errors: the problem, its probable cause, and how to fix it."""

from __future__ import annotations

import re
from typing import Final

from aiokafka import errors as kafka_errors

_NO_TLS: Final = (
    "set KAFKA_SECURITY_PROTOCOL=PLAINTEXT or SASL_PLAINTEXT, or use the port of the TLS listener"
)
_NO_RESPONSE: Final = (
    "the brokers did not respond in time; check that they are running and reachable"
)
_CLIENT_CERTIFICATE: Final = (
    "requires a client certificate that it trusts; set KAFKA_SSL_CERTFILE and KAFKA_SSL_KEYFILE"
)

_MESSAGES: Final[tuple[tuple[str, str], ...]] = (
    (
        r"answered b['\"]HTTP",
        "an HTTP server answered, not a Kafka broker; check KAFKA_BOOTSTRAP_SERVERS",
    ),
    (
        r"answered b['\"]\\x15\\x03",
        "the port requires TLS; set KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL",
    ),
    (
        r"answered b['\"](?!\\x00)|answered with an invalid size",
        "the server does not speak the Kafka protocol; check KAFKA_BOOTSTRAP_SERVERS",
    ),
    (
        r"certificate has expired|CERTIFICATE_EXPIRED|certificate expired",
        (
            "a TLS certificate has expired; renew the broker's certificate or the one in "
            "KAFKA_SSL_CERTFILE"
        ),
    ),
    (
        r"self.signed certificate|unable to get (?:local )?issuer|UNKNOWN_CA|unknown ca",
        (
            "the broker's certificate is not trusted: its certificate authority is unknown; "
            "set KAFKA_SSL_CAFILE to the CA certificate"
        ),
    ),
    (
        r"[Hh]ostname mismatch|IP address mismatch|doesn't match",
        (
            "the host name does not match the broker's certificate; "
            "connect with a name that the certificate contains"
        ),
    ),
    (
        r"CERTIFICATE_REQUIRED|certificate required|bad certificate|BAD_CERTIFICATE",
        f"the broker {_CLIENT_CERTIFICATE}",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "the broker's certificate could not be verified; check KAFKA_SSL_CAFILE",
    ),
    (
        (
            r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|record layer failure|wrong version number|"
            r"SSL shutdown|UNEXPECTED_EOF|unexpected eof|packet length too long"
        ),
        f"the port does not use TLS; {_NO_TLS}",
    ),
    (
        (
            r"SaslAuthenticationFailed|Authentication failed|authentication failed|"
            r"[Ii]nvalid credentials|AuthenticationFailedError|IllegalSaslState"
        ),
        (
            "SASL authentication failed; check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD "
            "(OAUTHBEARER: the client id and secret; AWS_MSK_IAM: the region, and the policy of "
            "the AWS identity)"
        ),
    ),
    (
        r"does not support .* sasl|UnsupportedSaslMechanism",
        (
            "the broker does not support this SASL mechanism; set KAFKA_SASL_MECHANISM to one of "
            "the broker's sasl.enabled.mechanisms"
        ),
    ),
    (
        r"invalid_client|unauthorized_client|OAuthError",
        (
            "the OAuth token endpoint rejected the client; check KAFKA_SASL_OAUTHBEARER_CLIENT_ID "
            "and KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET"
        ),
    ),
    (
        r"no AWS credentials",
        (
            "no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "AWS_PROFILE, or give the machine or pod a role"
        ),
    ),
    (
        (
            r"[Nn]ame or service not known|nodename nor servname|getaddrinfo|"
            r"No address associated|Temporary failure in name resolution"
        ),
        "the host name cannot be resolved; check KAFKA_BOOTSTRAP_SERVERS",
    ),
    (
        r"Connect call failed|Connection refused|Errno 111|Errno 61",
        (
            "connection refused: no broker listens at this address; start the broker, "
            "check KAFKA_BOOTSTRAP_SERVERS, or run with --embedded or --no-kafka"
        ),
    ),
    (
        r"TopicAuthorizationFailed|ClusterAuthorizationFailed",
        (
            "not authorized to read, write or create the topic; "
            "grant the user the ACL operations DESCRIBE, WRITE, READ and CREATE"
        ),
    ),
    (r"TimeoutError|timed out|RequestTimedOut", _NO_RESPONSE),
    (
        r"NotEnoughReplicas",
        (
            "fewer in-sync replicas than min.insync.replicas; "
            "start the missing brokers, or lower the topic's min.insync.replicas"
        ),
    ),
    (
        r"UnknownTopicOrPartition",
        (
            "the topic does not exist: it was deleted, or its metadata has not reached every "
            "broker; it is created again automatically"
        ),
    ),
    (
        r"LeaderNotAvailable|NotLeaderForPartition|no leader",
        (
            "a partition has no leader: an election is in progress, or its brokers are down; "
            "if it lasts, start the brokers of its replicas"
        ),
    ),
)
_CONNECTION_CLOSED: Final = (
    r"Connection at .* closed|Connection reset|CorrelationId|0 bytes read|IncompleteRead"
)
_CLOSED_HINTS: Final = {
    "PLAINTEXT": "the listener requires TLS or SASL; check KAFKA_SECURITY_PROTOCOL",
    "SSL": f"it {_CLIENT_CERTIFICATE}",
    "SASL_PLAINTEXT": "the listener requires TLS; set KAFKA_SECURITY_PROTOCOL=SASL_SSL",
    "SASL_SSL": f"it {_CLIENT_CERTIFICATE}",
}
_CONNECT_TIMEOUT: Final = r'Unable connect to (?:node with id \S+|"[^"]*"): $'
"""aiokafka's message for a timeout while connecting: the text of its cause is empty."""

NON_RETRIABLE_ERRORS: Final = (
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidMessageError,
    kafka_errors.InvalidTimestampError,
    kafka_errors.UnsupportedCodecError,
    kafka_errors.UnsupportedForMessageFormatError,
)
"""Errors that the same bytes would cause again: the rows are failed, not resent."""


def explain(text: str, protocol: str = "PLAINTEXT") -> str | None:
    """Return a message with cause and way out for an aiokafka text, or None if it is unknown.

    `protocol` is the security protocol in use: the cause of a closed connection depends on it.
    """
    known = next((message for pattern, message in _MESSAGES if re.search(pattern, text)), None)
    if known is None and re.search(_CONNECTION_CLOSED, text):
        return (
            f"the broker closed the connection: it is shutting down, or {_CLOSED_HINTS[protocol]}"
        )
    if known is None and re.search(_CONNECT_TIMEOUT, text):
        no_tls = f"the port does not use TLS, or does not respond; {_NO_TLS}"
        return no_tls if protocol.endswith("SSL") else _NO_RESPONSE
    return known


def describe(error: BaseException, protocol: str = "PLAINTEXT") -> str:
    """Return one line for an aiokafka error: its message from `explain`, or its own text."""
    text = f"{type(error).__name__}: {error}".strip(": ").replace("\n", " ")
    return explain(text, protocol) or text

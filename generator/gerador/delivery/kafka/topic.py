"""Creates and deletes topics, and reads their partitions and configuration."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiokafka import errors as kafka_errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from gerador.delivery.kafka.error_messages import describe
from gerador.errors import ConfigurationError, KafkaUnavailableError, SettingError
from gerador.limits import PARTITIONS_DEFAULT, RECORD_BATCH_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from gerador.delivery.kafka.connection import Connection


TIMESTAMP_AFTER_MAX_CONFIG: Final = "message.timestamp.after.max.ms"
"""Limit of record timestamps ahead of the broker's clock (KIP-937); one hour since Kafka 4."""
NO_LIMIT_MS: Final = 2**63 - 1
METADATA_POLL_S: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class TopicSpec:
    """The requested topic; None and -1 mean the defaults."""

    name: str
    partitions: int | None = None
    replication_factor: int = -1
    config: Mapping[str, str] = field(default_factory=dict)
    optional_config: Mapping[str, str] = field(default_factory=dict)
    """Configuration that is left out for brokers that do not support it."""


@dataclass(frozen=True, kw_only=True)
class TopicDescription:
    """The topic's partitions and configuration, read from the brokers."""

    partitions: int
    retention_ms: int | None
    """Age by timestamp at which the broker deletes records; None: never."""
    timestamp_after_max_ms: int | None
    """How far record timestamps may be ahead of the broker's clock; None: no limit."""
    message_bytes_max: int
    """Largest record batch that the broker accepts, after compression."""


async def ensure_topic(
    connection: Connection, spec: TopicSpec, timeout_s: float
) -> TopicDescription:
    """Create the topic if it does not exist, and return its description.

    Raises KafkaUnavailableError: the brokers are unavailable, or their error is retriable.
    SettingError: the topic exists with fewer partitions than requested. ConfigurationError: the
    brokers reject the topic's name, partitions or configuration.
    """
    async with _admin_client(connection, timeout_s) as admin:
        return await _ensure(admin, spec)


async def delete_topics(connection: Connection, names: Sequence[str], timeout_s: float) -> None:
    """Delete the topics that exist.

    Raises KafkaUnavailableError: the brokers are unavailable, or reject the deletion.
    """
    async with _admin_client(connection, timeout_s) as admin:
        existing = set(names) & set(await admin.list_topics())
        response = await admin.delete_topics(sorted(existing)) if existing else None
        for name, code in response.topic_error_codes if response is not None else ():
            error = kafka_errors.for_code(code)
            if error is not kafka_errors.NoError:
                raise error(f"cannot delete topic {name!r}")


@asynccontextmanager
async def _admin_client(connection: Connection, timeout_s: float) -> AsyncIterator[Any]:
    """Yield a started admin client for a block that may take `timeout_s`.

    Raises KafkaUnavailableError: a timeout or an error of Kafka in the block.
    """
    admin = AIOKafkaAdminClient(**connection.arguments())
    try:
        async with asyncio.timeout(timeout_s):
            await admin.start()
            yield admin
    except TimeoutError as e:
        raise KafkaUnavailableError(
            f"the brokers did not respond within {timeout_s:g} s; "
            "check that they are running and reachable"
        ) from e
    except kafka_errors.KafkaError as e:
        raise KafkaUnavailableError(describe(e, connection.security_protocol)) from e
    finally:
        await admin.close()


async def _ensure(admin: Any, spec: TopicSpec) -> TopicDescription:
    found = await _partition_count(admin, spec.name)
    if found is None:
        await _create(admin, spec)
        found = await _wait_for_leaders(admin, spec.name)
    if spec.partitions is not None and found < spec.partitions:
        raise SettingError(
            f"KAFKA_TOPIC_PARTITIONS={spec.partitions}: topic {spec.name!r} has {found} "
            "partition(s); set a lower number (in a scenario: topic.partitions), add partitions "
            "to the topic, or use another topic"
        )
    config = await _describe_config(admin, ConfigResourceType.TOPIC, spec.name)
    retention_ms = int(config.get("retention.ms", -1))
    after_max_ms = int(config.get(TIMESTAMP_AFTER_MAX_CONFIG, NO_LIMIT_MS))
    deletes = "delete" in config.get("cleanup.policy", "delete")
    return TopicDescription(
        partitions=found,
        retention_ms=retention_ms if deletes and retention_ms >= 0 else None,
        timestamp_after_max_ms=None if after_max_ms >= NO_LIMIT_MS else after_max_ms,
        message_bytes_max=int(config.get("max.message.bytes", RECORD_BATCH_BYTES_MAX)),
    )


async def _partition_count(admin: Any, topic: str) -> int | None:
    """Return the topic's number of partitions; None if it does not exist."""
    # A metadata request by name would create the topic where auto.create.topics.enable is true.
    if topic not in await admin.list_topics():
        return None
    described = (await admin.describe_topics([topic]))[0]
    error = kafka_errors.for_code(described["error_code"])
    if error is kafka_errors.UnknownTopicOrPartitionError:
        return None
    # Partitions without a leader count: sending waits for the leader.
    if error not in {kafka_errors.NoError, kafka_errors.LeaderNotAvailableError}:
        raise error(topic)
    return len(described["partitions"])


async def _create(admin: Any, spec: TopicSpec) -> None:
    """Create the topic; it may exist already, created by another client."""
    replicas = spec.replication_factor
    if replicas < 0:
        replicas = await _default_replication_factor(admin)
    partitions = spec.partitions or PARTITIONS_DEFAULT
    error, reason = await _try_create(
        admin, spec.name, partitions, replicas, {**spec.optional_config, **spec.config}
    )
    if error is kafka_errors.InvalidConfigurationError and spec.optional_config:
        error, reason = await _try_create(admin, spec.name, partitions, replicas, spec.config)
    if error in {kafka_errors.NoError, kafka_errors.TopicAlreadyExistsError}:
        return
    if error in _REJECTED_TOPIC_ERRORS:
        raise ConfigurationError(
            f"the brokers rejected topic {spec.name!r} ({partitions} partitions, replication "
            f"factor {replicas}, {dict(spec.config)}): {reason or error.__name__}"
        )
    raise error(f"cannot create topic {spec.name!r}: {reason}")


async def _try_create(
    admin: Any, name: str, partitions: int, replicas: int, config: Mapping[str, str]
) -> tuple[type[Exception], str | None]:
    new = NewTopic(name, partitions, replicas, topic_configs=dict(config))
    _, code, reason = (await admin.create_topics([new])).topic_errors[0]
    return kafka_errors.for_code(code), reason


_REJECTED_TOPIC_ERRORS: Final = frozenset(
    {
        kafka_errors.InvalidTopicError,
        kafka_errors.InvalidPartitionsError,
        kafka_errors.InvalidConfigurationError,
        kafka_errors.PolicyViolationError,
    }
)


async def _default_replication_factor(admin: Any) -> int:
    """Return the brokers' default.replication.factor: CreateTopics takes -1 from version 4 on."""
    brokers = (await admin.describe_cluster())["brokers"]
    config = await _describe_config(admin, ConfigResourceType.BROKER, str(brokers[0]["node_id"]))
    return int(config.get("default.replication.factor", 1))


async def _wait_for_leaders(admin: Any, topic: str) -> int:
    """Wait until every partition of a new topic has a leader.

    A record that is sent earlier could be rejected: brokers from late 2026 require the first
    sequence number of an empty partition to be 0 (KAFKA-15591).
    """
    while True:
        described = (await admin.describe_topics([topic]))[0]
        partitions = described["partitions"]
        if partitions and all(p["leader"] >= 0 for p in partitions):
            return len(partitions)
        await asyncio.sleep(METADATA_POLL_S)


async def _describe_config(admin: Any, resource_type: Any, name: str) -> dict[str, str]:
    """Return the configuration of a topic or broker; empty if reading it is not authorized."""
    (response,) = await admin.describe_configs([ConfigResource(resource_type, name)])
    error_code, _, _, _, entries = response.resources[0]
    if error_code:
        return {}
    return {entry[0]: entry[1] for entry in entries if entry[1] is not None}

"""Creates the topic when it does not exist, and reads its partitions and configuration."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiokafka import errors as kafka_errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from gerador.delivery.kafka.error_messages import describe
from gerador.errors import ConfigurationError, KafkaUnavailableError, SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.delivery.kafka.connection import Connection


PARTITIONS_DEFAULT: Final = 4
MESSAGE_BYTES_MAX_DEFAULT: Final = 1_048_588
"""Kafka's default `max.message.bytes`, used when the topic's own may not be read."""
TIMESTAMP_AFTER_MAX_CONFIG: Final = "message.timestamp.after.max.ms"
"""The topic's bound on event times ahead of the clock: KIP-937; an hour by default since
Kafka 4."""
NO_LIMIT_MS: Final = 2**63 - 1
METADATA_POLL_S: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class TopicSpec:
    """The topic that is asked for. What is None is left to the default."""

    name: str
    partitions: int | None = None
    replication_factor: int = -1
    config: Mapping[str, str] = field(default_factory=dict)
    config_where_known: Mapping[str, str] = field(default_factory=dict)
    """More configuration, for brokers that know it; others get the topic without."""


@dataclass(frozen=True, kw_only=True)
class TopicDescription:
    """The topic as the brokers have it."""

    partitions: int
    retention_ms: int | None
    """Age at which the broker deletes records by their timestamps; None when it never does."""
    ahead_ms_max: int | None
    """How far event times may run ahead of the broker's clock; None when without bound."""
    message_bytes_max: int
    """Largest record batch that the broker takes, after compression."""


async def ensure_topic(
    connection: Connection, wish: TopicSpec, timeout_s: float
) -> TopicDescription:
    """Create the topic when it is missing and return what it is like.

    Raises KafkaFault: the brokers are away or refuse for now. SettingError: the topic exists
    with fewer partitions than asked for. ConfigurationError: the brokers refuse such a topic.
    """
    admin = AIOKafkaAdminClient(**connection.arguments())
    try:
        async with asyncio.timeout(timeout_s):
            await admin.start()
            return await _ensure(admin, wish)
    except TimeoutError as e:
        raise KafkaUnavailableError(f"the brokers did not answer within {timeout_s:g} s") from e
    except kafka_errors.KafkaError as e:
        raise KafkaUnavailableError(describe(e, connection.security_protocol)) from e
    finally:
        await admin.close()


async def _ensure(admin: Any, wish: TopicSpec) -> TopicDescription:
    found = await _partition_count(admin, wish.name)
    if found is None:
        await _create(admin, wish)
        found = await _wait_for_leaders(admin, wish.name)
    if wish.partitions is not None and found < wish.partitions:
        raise SettingError(
            f"KAFKA_TOPIC_PARTITIONS={wish.partitions}: topic {wish.name!r} has {found}; "
            "ask for no more (a scenario: in topic.partitions), add partitions to the topic, or "
            "choose another"
        )
    config = await _describe_config(admin, ConfigResourceType.TOPIC, wish.name)
    retention_ms = int(config.get("retention.ms", -1))
    ahead_ms = int(config.get(TIMESTAMP_AFTER_MAX_CONFIG, NO_LIMIT_MS))
    deletes = "delete" in config.get("cleanup.policy", "delete")
    return TopicDescription(
        partitions=found,
        retention_ms=retention_ms if deletes and retention_ms >= 0 else None,
        ahead_ms_max=None if ahead_ms >= NO_LIMIT_MS else ahead_ms,
        message_bytes_max=int(config.get("max.message.bytes", MESSAGE_BYTES_MAX_DEFAULT)),
    )


async def _partition_count(admin: Any, topic: str) -> int | None:
    """Return how many partitions the topic has, None when there is no such topic."""
    # Brokers that create topics by themselves would make one that is asked for by its name.
    if topic not in await admin.list_topics():
        return None
    described = (await admin.describe_topics([topic]))[0]
    error = kafka_errors.for_code(described["error_code"])
    if error is kafka_errors.UnknownTopicOrPartitionError:
        return None
    # A partition without a leader is still a partition: sending waits for it.
    if error not in {kafka_errors.NoError, kafka_errors.LeaderNotAvailableError}:
        raise error(topic)
    return len(described["partitions"])


async def _create(admin: Any, wish: TopicSpec) -> None:
    """Create the topic; that somebody else was faster is as good."""
    replicas = wish.replication_factor
    if replicas < 0:
        replicas = await _default_replication_factor(admin)
    partitions = wish.partitions or PARTITIONS_DEFAULT
    error, reason = await _try_create(
        admin, wish.name, partitions, replicas, {**wish.config_where_known, **wish.config}
    )
    if error is kafka_errors.InvalidConfigurationError and wish.config_where_known:
        error, reason = await _try_create(admin, wish.name, partitions, replicas, wish.config)
    if error in {kafka_errors.NoError, kafka_errors.TopicAlreadyExistsError}:
        return
    if error in _NON_RETRIABLE_ERRORS:
        raise ConfigurationError(
            f"topic {wish.name!r} ({partitions} partitions, replication factor {replicas}, "
            f"{dict(wish.config)}) was refused by the brokers: {reason or error.__name__}"
        )
    raise error(f"topic {wish.name!r} could not be created: {reason}")


async def _try_create(
    admin: Any, name: str, partitions: int, replicas: int, config: Mapping[str, str]
) -> tuple[type[Exception], str | None]:
    new = NewTopic(name, partitions, replicas, topic_configs=dict(config))
    _, code, reason = (await admin.create_topics([new])).topic_errors[0]
    return kafka_errors.for_code(code), reason


_NON_RETRIABLE_ERRORS: Final = frozenset(
    {
        kafka_errors.InvalidTopicError,
        kafka_errors.InvalidPartitionsError,
        kafka_errors.InvalidConfigurationError,
        kafka_errors.PolicyViolationError,
    }
)


async def _default_replication_factor(admin: Any) -> int:
    """Return the brokers' own default: CreateTopics before version 4 has no word for it."""
    brokers = (await admin.describe_cluster())["brokers"]
    config = await _describe_config(admin, ConfigResourceType.BROKER, str(brokers[0]["node_id"]))
    return int(config.get("default.replication.factor", 1))


async def _wait_for_leaders(admin: Any, topic: str) -> int:
    """Wait until every partition of a new topic has a leader.

    A record sent earlier could be refused: brokers from late 2026 take only a first sequence
    of zero on an empty partition (KAFKA-15591).
    """
    while True:
        described = (await admin.describe_topics([topic]))[0]
        partitions = described["partitions"]
        if partitions and all(p["leader"] >= 0 for p in partitions):
            return len(partitions)
        await asyncio.sleep(METADATA_POLL_S)


async def _describe_config(admin: Any, kind: Any, name: str) -> dict[str, str]:
    """Return the configuration of a topic or broker; empty when it may not be read."""
    (response,) = await admin.describe_configs([ConfigResource(kind, name)])
    error_code, _, _, _, entries = response.resources[0]
    if error_code:
        return {}
    return {entry[0]: entry[1] for entry in entries if entry[1] is not None}

"""A local Kafka cluster of one or three nodes, with a blocking and an asyncio interface."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Self, TypeVar

from gerador.embedded.class_archive import ClassArchive
from gerador.embedded.data_dir import DataDir
from gerador.embedded.jars import default_cache_dir, ensure_jars
from gerador.embedded.java import STOP_TIMEOUT_S
from gerador.embedded.node import Node
from gerador.embedded.ports import choose_ports
from gerador.embedded.properties import BROKER_LISTENER, ClusterLayout, node_properties
from gerador.errors import EmbeddedKafkaError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gerador.embedded.jars import Progress


NODES_ALLOWED: Final = (1, 3)
HEAP_MB: Final = 512
START_TIMEOUT_S: Final = 60.0
PORT_ATTEMPTS_MAX: Final = 3
CLEAN_EXIT_CODES: Final = (0, 143)  # 143: Java exits with 128 + 15 on SIGTERM


class Cluster:
    """A local Apache Kafka on loopback ports; its data stays in `data_dir` between runs.

    Args:
        data_dir: the cluster's directory, used by one process at a time.
        cache_dir: directory of jars and class archives; None: the platform's cache directory.
        nodes: 1, or 3 with replication factor 3 and min.insync.replicas 2.
        port: port of the first node, followed by the others'; 0: free ports.
        heap_mb: maximum Java heap of each node.
        listeners: additional client listeners: name to security protocol (``SASL_PLAINTEXT``, …).
        extra: Kafka properties that override the others, for example a JAAS configuration.
        format_arguments: additional arguments of ``StorageTool format``, for example
            ``--add-scram``.

    Raises:
        SettingError: another number of nodes.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        cache_dir: Path | None = None,
        nodes: int = 1,
        port: int = 0,
        heap_mb: int = HEAP_MB,
        listeners: Mapping[str, str] | None = None,
        extra: Mapping[str, str] | None = None,
        format_arguments: Sequence[str] = (),
    ) -> None:
        if nodes not in NODES_ALLOWED:
            raise SettingError(f"a local Kafka has 1 or 3 nodes, not {nodes}")
        self._data_dir = DataDir(data_dir.absolute())
        self._cache_dir = cache_dir or default_cache_dir()
        self._node_count = nodes
        self._port = port
        self._heap_mb = heap_mb
        self._protocols = dict(listeners or {})
        self._extra = dict(extra or {})
        self._format_arguments = tuple(format_arguments)
        self._nodes: list[Node] = []
        self._layout: ClusterLayout | None = None
        self._archive: ClassArchive | None = None
        self._cancelled = threading.Event()

    @property
    def data_dir(self) -> Path:
        """The directory of the cluster's data and logs."""
        return self._data_dir.path

    @property
    def bootstrap(self) -> str:
        """The plaintext bootstrap servers, after the start."""
        return self.bootstrap_of(BROKER_LISTENER)

    def bootstrap_of(self, listener: str) -> str:
        """Return the bootstrap servers of the listener with this name.

        Raises:
            EmbeddedKafkaError: the cluster was not started.
        """
        return self._started_layout().bootstrap(listener)

    @property
    def pids(self) -> tuple[int | None, ...]:
        """The process group id of each node, in the order of node ids."""
        return tuple(node.pid for node in self._nodes)

    def alive(self) -> bool:
        """Return whether the processes of all nodes run."""
        return bool(self._nodes) and all(node.alive() for node in self._nodes)

    def failure_reason(self) -> str:
        """Return the reason from the log of the first node that exited, or an empty string."""
        exited = next((node for node in self._nodes if not node.alive()), None)
        return f"node {exited.node_id} exited: {exited.log.failure_reason()}" if exited else ""

    def start_sync(self, on_progress: Progress | None = None) -> str:
        """Start all nodes, wait until they respond, and return the bootstrap servers.

        The first start downloads the jars. `on_progress` is called with ``("jars", bytes, bytes)``
        during the download, then with ``("start", ready, nodes)``.

        Raises:
            EmbeddedKafkaError: a jar is missing, the directory is in use, or a node did not
                start. No process is left running.
            SettingError: a port is in use, or the directory contains a cluster of another size.
        """
        self._cancelled.clear()
        self._data_dir.lock()
        report: Progress = on_progress or (lambda _what, _done, _total: None)
        try:
            self._prepare(report)
            self._start_on_free_ports(report)
        except BaseException:
            self.stop_sync()
            raise
        return self.bootstrap

    def stop_sync(self) -> None:
        """Stop all nodes: SIGTERM, and SIGKILL after `STOP_TIMEOUT_S`. Idempotent.

        A node stops in half a second, or two more when it writes the class archive. The last of
        three nodes has no quorum for a controlled shutdown and is killed; its next start recovers
        the log.
        """
        self._cancelled.set()
        for node in self._nodes:
            node.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for node in self._nodes:
            node.join(max(0.0, deadline - time.monotonic()))
        if self._archive and self._nodes:
            clean = self._nodes[0].exit_code in CLEAN_EXIT_CODES
            self._archive.finish_write(clean=clean)
        self._data_dir.unlock()

    def kill_sync(self, node_id: int = 1) -> None:
        """Kill one node (ids start at 1) with SIGKILL."""
        self._node(node_id).kill()

    def restart_sync(self, node_id: int = 1) -> None:
        """Start a node again with its data and ports; a running one is killed first."""
        node = self._node(node_id)
        node.kill()
        node.launch(self._data_dir.descriptor, self._started_archive().read_flags())
        self._wait_ready([node], lambda _what, _done, _total: None)

    def __enter__(self) -> Self:
        """Start all nodes, blocking; for tests and scripts."""
        self.start_sync()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all nodes, blocking."""
        self.stop_sync()

    def _prepare(self, report: Progress) -> None:
        jars = ensure_jars(self._cache_dir, report)
        report("start", 0, self._node_count)
        self._archive = ClassArchive(self._cache_dir / "class-archives", jars)
        self._archive.create_base()
        ids = range(1, self._node_count + 1)
        self._nodes = [Node(i, self._data_dir.node_dir(i), jars, self._heap_mb) for i in ids]

    def _start_on_free_ports(self, report: Progress) -> None:
        """Start the nodes; choose ports again if another process took one in the meantime."""
        for attempt in range(1, PORT_ATTEMPTS_MAX + 1):
            try:
                return self._start_nodes(report)
            except EmbeddedKafkaError:
                in_use = any(node.port_in_use() for node in self._nodes)
                if not in_use or attempt == PORT_ATTEMPTS_MAX:
                    raise
                for node in self._nodes:
                    node.kill()
        return None

    def _start_nodes(self, report: Progress) -> None:
        ports = choose_ports(self._node_count, [BROKER_LISTENER, *self._protocols], self._port)
        self._layout = ClusterLayout(ports, self._protocols, self._extra)
        for node in self._nodes:
            node.configure(node_properties(self._layout, node.node_id))
        self._format()
        archive = self._started_archive()
        for node in self._nodes:
            # One node only: two would write the same file.
            flags = archive.write_flags() if node.node_id == 1 else archive.read_flags()
            node.launch(self._data_dir.descriptor, flags)
        self._wait_ready(self._nodes, report)

    def _format(self) -> None:
        cluster_id = self._data_dir.cluster(self._node_count).cluster_id
        flags = self._started_archive().read_flags()
        with ThreadPoolExecutor(self._node_count) as threads:
            jobs = [
                threads.submit(node.format, cluster_id, self._format_arguments, flags)
                for node in self._nodes
            ]
        for job in jobs:
            job.result()

    def _wait_ready(self, nodes: Sequence[Node], report: Progress) -> None:
        layout = self._started_layout()
        deadline = time.monotonic() + START_TIMEOUT_S
        for ready, node in enumerate(nodes, 1):
            port = layout.ports[node.node_id - 1].listeners[BROKER_LISTENER]
            node.wait_ready(port, deadline, self._cancelled.is_set)
            report("start", ready, len(nodes))

    def _node(self, node_id: int) -> Node:
        if not 1 <= node_id <= len(self._nodes):
            raise EmbeddedKafkaError(f"node id {node_id} is outside [1, {len(self._nodes)}]")
        return self._nodes[node_id - 1]

    def _started_layout(self) -> ClusterLayout:
        if self._layout is None:
            raise EmbeddedKafkaError("the local Kafka was not started")
        return self._layout

    def _started_archive(self) -> ClassArchive:
        if self._archive is None:
            raise EmbeddedKafkaError("the local Kafka was not started")
        return self._archive


_Result = TypeVar("_Result")


class EmbeddedKafka(Cluster):
    """A local Apache Kafka for asyncio; see `Cluster` for arguments and blocking methods.

    ``bootstrap = await kafka.start()`` … ``await kafka.stop()``; or blocking:
    ``with EmbeddedKafka(data_dir) as kafka: kafka.bootstrap``.
    """

    async def start(self, on_progress: Progress | None = None) -> str:
        """Start all nodes; see `start_sync` for its errors.

        When cancelled, all started processes are stopped first. `on_progress` is called from other
        threads.
        """
        return await self._in_thread(lambda: self.start_sync(on_progress))

    async def stop(self) -> None:
        """Stop all nodes; see `stop_sync`."""
        await asyncio.to_thread(self.stop_sync)

    async def kill(self, node_id: int = 1) -> None:
        """Kill one node with SIGKILL; see `kill_sync`."""
        await asyncio.to_thread(self.kill_sync, node_id)

    async def restart(self, node_id: int = 1) -> None:
        """Restart one node; see `restart_sync`. When cancelled, the whole cluster is stopped."""
        await self._in_thread(lambda: self.restart_sync(node_id))

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        """Run `work` in a thread. When cancelled, wait until it has ended and stop the cluster."""
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._cancelled.set()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # marks the exception as retrieved
            await asyncio.to_thread(self.stop_sync)
            raise

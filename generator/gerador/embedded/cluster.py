"""A local Kafka cluster of one or three nodes: start, stop, kill and restart, blocking (`Cluster`) and for asyncio (`EmbeddedKafka`)."""

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
CLEAN_EXIT_CODES: Final = (0, 143)  # Java, asked to end by SIGTERM, ends with 128 + 15


class Cluster:
    """A real Kafka on loopback ports, whose data stays in `data_dir` between runs.

    Args:
        data_dir: the cluster's folder; one program at a time may use it.
        cache_dir: where jars and class archives are kept; None means the platform's cache folder.
        nodes: 1, or 3 with replication factor 3 and two in-sync replicas.
        port: the first node's port (the others' follow); 0 lets the kernel choose.
        heap_mb: the largest Java heap of each node.
        listeners: further client listeners, name to security protocol (``SASL_PLAINTEXT``, …).
        extra: Kafka properties that win over ours, for instance a listener's JAAS configuration.
        format_arguments: further words for ``StorageTool format``, for instance ``--add-scram``.

    Raises:
        SettingError: a number of nodes that is not offered.
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
            raise SettingError(f"A local Kafka has 1 or 3 nodes, not {nodes}")
        self._folder = DataDir(data_dir.absolute())
        self._cache_dir = cache_dir or default_cache_dir()
        self._count = nodes
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
        """The folder of the cluster's data and logs."""
        return self._folder.path

    @property
    def bootstrap(self) -> str:
        """The plaintext bootstrap servers, once started."""
        return self.bootstrap_of(BROKER_LISTENER)

    def bootstrap_of(self, listener: str) -> str:
        """Return the bootstrap servers of a listener by its name.

        Raises:
            EmbeddedKafkaError: not started yet.
        """
        return self._started_layout().bootstrap(listener)

    @property
    def pids(self) -> tuple[int | None, ...]:
        """The process group of each node, in the order of their ids."""
        return tuple(node.pid for node in self._nodes)

    def alive(self) -> bool:
        """Say whether every node's process runs."""
        return bool(self._nodes) and all(node.alive() for node in self._nodes)

    def reason(self) -> str:
        """Return the last telling line of the first node that has ended, or an empty string."""
        dead = [node for node in self._nodes if not node.alive()]
        return f"node {dead[0].node_id} has ended: {dead[0].log.reason()}" if dead else ""

    def start_sync(self, on_progress: Progress | None = None) -> str:
        """Start all nodes and return the bootstrap servers once they answer.

        The first start ever downloads the jars. `on_progress` is told ``("jars", bytes, bytes)``
        while they arrive, then ``("start", ready, nodes)``.

        Raises:
            EmbeddedKafkaError: no Java, no jars, the folder is in use, or a node did not start;
                nothing is left running.
            SettingError: a port, or a folder of a cluster of another size.
        """
        self._cancelled.clear()
        self._folder.take()
        report: Progress = on_progress or (lambda _what, _done, _total: None)
        try:
            self._prepare(report)
            self._start_on_free_ports(report)
        except BaseException:
            self.stop_sync()
            raise
        return self.bootstrap

    def stop_sync(self) -> None:
        """End all nodes: SIGTERM, SIGKILL after `STOP_TIMEOUT_S`; a second call does nothing.

        One node ends in half a second (two more when it writes the class archive). Of three, the
        last has no quorum left to take its leave from and is killed; its log is then recovered by
        the next start.
        """
        self._cancelled.set()
        for node in self._nodes:
            node.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for node in self._nodes:
            node.join(max(0.0, deadline - time.monotonic()))
        if self._archive and self._nodes:
            clean = self._nodes[0].exit_code in CLEAN_EXIT_CODES
            self._archive.keep_written(clean=clean)
        self._folder.release()

    def kill_sync(self, node_id: int = 1) -> None:
        """End one node (ids start at 1) with SIGKILL, as a machine that fails does."""
        self._node(node_id).kill()

    def restart_sync(self, node_id: int = 1) -> None:
        """Start a node again, on its data and its ports; one that runs is killed first."""
        node = self._node(node_id)
        node.kill()
        node.launch(self._folder.descriptor, self._started_archive().flags_to_use())
        self._await_ready([node], lambda _what, _done, _total: None)

    def __enter__(self) -> Self:
        """Start, blocking; for tests and scripts."""
        self.start_sync()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, blocking."""
        self.stop_sync()

    def _prepare(self, report: Progress) -> None:
        jars = ensure_jars(self._cache_dir, report)
        report("start", 0, self._count)
        self._archive = ClassArchive(self._cache_dir / "class-archives", jars)
        self._archive.make_base()
        ids = range(1, self._count + 1)
        self._nodes = [Node(i, self._folder.node_dir(i), jars, self._heap_mb) for i in ids]

    def _start_on_free_ports(self, report: Progress) -> None:
        """Start, choosing ports again when another program has taken one in between."""
        for attempt in range(1, PORT_ATTEMPTS_MAX + 1):
            try:
                return self._start_nodes(report)
            except EmbeddedKafkaError:
                taken = any(node.port_was_taken() for node in self._nodes)
                if not taken or attempt == PORT_ATTEMPTS_MAX:
                    raise
                for node in self._nodes:
                    node.kill()
        return None

    def _start_nodes(self, report: Progress) -> None:
        ports = choose_ports(self._count, [BROKER_LISTENER, *self._protocols], self._port)
        self._layout = ClusterLayout(ports, self._protocols, self._extra)
        for node in self._nodes:
            node.configure(node_properties(self._layout, node.node_id))
        self._format()
        archive = self._started_archive()
        for node in self._nodes:
            # One writer is enough, and two would write the same file.
            flags = archive.flags_to_write() if node.node_id == 1 else archive.flags_to_use()
            node.launch(self._folder.descriptor, flags)
        self._await_ready(self._nodes, report)

    def _format(self) -> None:
        cluster_id = self._folder.cluster(self._count).cluster_id
        flags = self._started_archive().flags_to_use()
        with ThreadPoolExecutor(self._count) as threads:
            jobs = [
                threads.submit(node.format, cluster_id, self._format_arguments, flags)
                for node in self._nodes
            ]
        for job in jobs:
            job.result()

    def _await_ready(self, nodes: Sequence[Node], report: Progress) -> None:
        layout = self._started_layout()
        deadline = time.monotonic() + START_TIMEOUT_S
        for ready, node in enumerate(nodes, 1):
            port = layout.ports[node.node_id - 1].listeners[BROKER_LISTENER]
            node.await_ready(port, deadline, self._cancelled.is_set)
            report("start", ready, len(nodes))

    def _node(self, node_id: int) -> Node:
        if not 1 <= node_id <= len(self._nodes):
            raise EmbeddedKafkaError(f"There is no node {node_id}: ids are 1 to {len(self._nodes)}")
        return self._nodes[node_id - 1]

    def _started_layout(self) -> ClusterLayout:
        if self._layout is None:
            raise EmbeddedKafkaError("The local Kafka has not been started, so it has no address")
        return self._layout

    def _started_archive(self) -> ClassArchive:
        if self._archive is None:
            raise EmbeddedKafkaError("The local Kafka has not been started")
        return self._archive


_Result = TypeVar("_Result")


class EmbeddedKafka(Cluster):
    """A local Apache Kafka; see `Cluster` for the arguments and for the blocking methods.

    ``bootstrap = await kafka.start()`` … ``await kafka.stop()``; or, blocking,
    ``with EmbeddedKafka(data_dir) as kafka: kafka.bootstrap``.
    """

    async def start(self, on_progress: Progress | None = None) -> str:
        """Start all nodes; see `start_sync`, whose errors it raises.

        Cancelled, it returns when all that it had started has ended. `on_progress` is called from
        other threads.
        """
        return await self._in_thread(lambda: self.start_sync(on_progress))

    async def stop(self) -> None:
        """End all nodes; see `stop_sync`."""
        await asyncio.to_thread(self.stop_sync)

    async def kill(self, node_id: int = 1) -> None:
        """End one node with SIGKILL; see `kill_sync`."""
        await asyncio.to_thread(self.kill_sync, node_id)

    async def restart(self, node_id: int = 1) -> None:
        """Start one node again; see `restart_sync`. Cancelled, the whole cluster is stopped."""
        await self._in_thread(lambda: self.restart_sync(node_id))

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        """Run `work` in a thread; cancelled, tell it so, and leave only when all has ended."""
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._cancelled.set()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # retrieved: a cancelled start has failed, and that is no news
            await asyncio.to_thread(self.stop_sync)
            raise

"""The generator's image by itself, as testcontainers runs it: limits, refusals, absent brokers."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from testcontainers.core.config import ConnectionMode, testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from tests.stack.composed import Answer, Stack, ask, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("_plainly")]

# As the compose file has it.
CONFINED: Final[dict[str, Any]] = {
    "read_only": True,
    "tmpfs": {"/tmp": ""},  # noqa: S108 - the one place that may be written
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "init": True,
}
OPEN: Final = {"GERADOR_INSECURE": "true"}
COUNT_COMPILED: Final = """
import json
from importlib import import_module
from gerador.encoding.compile_kernels import kernel_modules
from gerador.kernel_compiler import kernels_of
stats = [k.compile().stats for m in kernel_modules() for k in kernels_of(import_module(m))]
print(json.dumps([len(stats), *(sum(sum(s[n].values()) for s in stats) for n in (1, 2))]))
"""
"""Prints the number of kernels, how many numba found compiled, and how many it had to compile."""


@pytest.fixture(scope="module")
def _plainly() -> None:
    """Reach ports through the engine's own host, and use no image of testcontainers' own."""
    testcontainers_config.ryuk_disabled = True
    testcontainers_config.connection_mode_override = ConnectionMode.docker_host


@contextmanager
def generator(image: str, network: Network | None = None, **environ: str) -> Iterator[Running]:
    """Run the image as compose confines it while the block lasts."""
    kinds = {name: value for name, value in CONFINED.items() if name != "tmpfs"}
    container = DockerContainer(image).with_kwargs(**kinds).with_exposed_ports(8000)
    for folder in CONFINED["tmpfs"]:
        container.with_tmpfs_mount(folder)
    if network is not None:
        container.with_network(network)
    for name, value in environ.items():
        container.with_env(name, value)
    with container:
        yield Running(container)


class Running:
    """A container of the generator's image."""

    def __init__(self, container: DockerContainer) -> None:
        self.wrapped = container.get_wrapped_container()
        self._port = container.get_exposed_port(8000)

    def ask(self, path: str) -> Answer:
        """Return the response of the API; status 0 without one."""
        return ask(f"http://127.0.0.1:{self._port}{path}")

    def status(self) -> dict[str, Any]:
        """Return /status; empty without a response."""
        answer = self.ask("/status")
        return answer.json if answer.status else {}

    def health(self) -> str:
        """Return the result of Docker's health check."""
        self.wrapped.reload()
        return str(self.wrapped.attrs["State"]["Health"]["Status"])


def output_and_code(engine: DockerClient, image: str, **environ: str) -> tuple[str, int]:
    """Run the image to its end; return its output and exit code."""
    container = engine.containers.run(image, environment=environ, detach=True, **CONFINED)
    try:
        code = container.wait(timeout=60)["StatusCode"]
        return container.logs().decode(), code
    finally:
        container.remove(force=True)


def test_a_wrong_environment_is_refused_in_one_line(engine: DockerClient, image: str) -> None:
    """An invalid value ends the container with exit code 2 and one line that names it."""
    output, code = output_and_code(engine, image, **OPEN, TAMANHO_BUFFER="abc")
    assert code == 2
    assert output == "gerador: TAMANHO_BUFFER=abc: must be a whole number\n"


def test_an_open_api_is_not_served_unasked(engine: DockerClient, image: str) -> None:
    """Without a token, the image listens on its network only with GERADOR_INSECURE=true."""
    output, code = output_and_code(engine, image)
    assert code == 2
    assert output.count("\n") == 1
    assert "GERADOR_API_TOKEN" in output
    assert "GERADOR_INSECURE" in output


def test_kernels_are_compiled_in_the_image(engine: DockerClient, image: str) -> None:
    """On a read-only root and any CPU, every kernel is found compiled and none is compiled."""
    command = ["python", "-c", COUNT_COMPILED]
    output = engine.containers.run(image, command[1:], entrypoint="python", remove=True, **CONFINED)
    kernels, found, compiled = json.loads(output)
    assert found >= kernels > 0
    assert compiled == 0


def test_labels_say_what_it_is(engine: DockerClient, image: str) -> None:
    """The image carries the standard's labels, a numeric user and the signal that drains."""
    config = engine.images.get(image).attrs["Config"]
    prefix = "org.opencontainers.image."
    labels = {name.removeprefix(prefix) for name in config["Labels"] if name.startswith(prefix)}
    assert {"title", "description", "licenses", "version", "revision"} <= labels
    assert config["Labels"][f"{prefix}version"] == image.partition(":")[2]
    assert (config["User"], config["StopSignal"]) == ("10001:10001", "SIGTERM")


def test_an_absent_broker_is_waited_for(image: str, report: list[str]) -> None:
    """With no broker the container is up and healthy, degraded and unready; then it recovers."""
    with (
        Network() as network,
        generator(image, network, **OPEN, KAFKA_BOOTSTRAP_SERVERS="redpanda:9092") as running,
    ):
        up_s = until("alive", lambda: running.ask("/livez").status == 200)
        report.append(f"container start to /livez, no broker there: {up_s:.1f} s")
        until("degradado", lambda: running.status().get("status") == "degradado")
        assert "redpanda:9092" in running.status()["reason"]
        assert running.ask("/readyz").status == 503
        assert running.ask("/livez").status == 200
        until("healthy", lambda: running.health() == "healthy")
        with broker(network):
            until("ativo", lambda: running.status()["status"] == "ativo")
            until("acknowledged", lambda: running.status()["acked"] > 0)
            assert running.ask("/readyz").status == 200


@contextmanager
def broker(network: Network) -> Iterator[None]:
    """Run the compose file's broker, with its own command line, on a network of the test's."""
    service = json.loads(Stack().compose("config", "--format", "json"))["services"]["redpanda"]
    container = DockerContainer(service["image"]).with_command(service["command"])
    with container.with_network(network).with_network_aliases("redpanda"):
        yield

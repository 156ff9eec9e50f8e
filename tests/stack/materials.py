"""Contents of the substitute images, in the user's cache: ``python -m tests.stack.materials``.

An engine in a network namespace of its own reaches no registry, so all that an image is built
from is fetched beforehand: a Debian of the release that Python's own image is built on, the
locked packages as wheels for its Python, Java and Kafka's jars. Holds no image and no container.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gerador.embedded.jars import ensure_jars
from gerador.embedded.java import java_binary
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

TREE: Final = Path(__file__).parents[2]
LOCK: Final = TREE / "requirements.lock"
RELEASE: Final = "trixie"
"""The Debian that python:3.13-slim is built on; its Python is a 3.13."""
PACKAGES: Final = "ca-certificates,python3,python3-pip,python3-venv,wget"
SURPLUS: Final = (
    "usr/share/doc",
    "usr/share/locale",
    "usr/share/man",
    "var/cache/apt",
    "var/lib/apt",
)
AUTHORITIES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
NO_NETWORK: Final = "[global]\nno-index = true\nfind-links = /wheels\n"


def prepared() -> Path:
    """Return the folder of all materials; downloads missing ones (minutes the first time).

    It holds `trixie/`: a root with Python, and with the wheels that its pip installs.

    Raises AssertionError: a download failed; the message contains its output.
    """
    folder = cache_dir() / "stack"
    folder.mkdir(parents=True, exist_ok=True)
    base = folder / RELEASE
    if not base.exists():
        _bootstrap(base)
    _fetch_wheels(base)
    return folder


def kafka() -> tuple[Path, tuple[Path, ...]]:
    """Return the folder of the Java runtime, and Kafka's jars."""
    return java_binary().parents[1], ensure_jars(cache_dir())


def program(name: str) -> Path:
    """Return the path of a Debian program; fails with the command that installs it."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    assert found, f"{name} is not installed: run tests/stack/install-debian.sh as root"
    return Path(found)


def _bootstrap(base: Path) -> None:
    partial = base.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [program("debootstrap"), "--variant=minbase", f"--include={PACKAGES}", RELEASE]
    _run([*command, partial])
    for name in SURPLUS:
        shutil.rmtree(partial / name)
    (partial / "var/lib/apt/lists").mkdir(parents=True)
    (partial / "var/cache/apt/archives/partial").mkdir(parents=True)
    # As in Python's own image, "python" is the interpreter.
    (partial / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    partial.rename(base)


def _fetch_wheels(base: Path) -> None:
    """Fetch the lock's wheels with the base's own pip, so that they fit its Python."""
    stamp = base / "wheels" / f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()}.stamp"
    if stamp.exists():
        return
    config = base / "etc/pip.conf"
    config.unlink(missing_ok=True)
    shutil.copy("/etc/resolv.conf", base / "etc/resolv.conf")
    shutil.copy(os.environ.get("PIP_CERT", AUTHORITIES), base / "authorities.pem")
    shutil.copy(LOCK, base / "requirements.lock")
    shutil.rmtree(base / "wheels", ignore_errors=True)
    download = "python -m pip download --quiet --no-cache-dir --only-binary=:all: --require-hashes"
    wanted = "--dest /wheels --requirement /requirements.lock"
    environ = {"SSL_CERT_FILE": "/authorities.pem", "PIP_CERT": "/authorities.pem"}
    _run([program("chroot"), base, *download.split(), *wanted.split()], environ)
    config.write_text(NO_NETWORK)
    stamp.touch()


def _run(command: Sequence[str | Path], environ: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, env=os.environ | (environ or {}), capture_output=True, text=True, check=False
    )
    output = (done.stderr or done.stdout)[-2000:]
    assert done.returncode == 0, (
        f"{' '.join(map(str, command))} failed; where there is no network, run "
        f"`python -m tests.stack.materials` before, where there is:\n{output}"
    )


if __name__ == "__main__":
    sys.stderr.write("Having what the stack's tests need (minutes at the first time) ...\n")
    prepared()
    kafka()
    program("prometheus")

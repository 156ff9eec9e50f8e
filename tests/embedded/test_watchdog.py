"""The watchdog, with small Python programs in Java's place."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil

from gerador.embedded.java import with_watchdog

END_TIMEOUT_S = 10
LINUX = sys.platform == "linux"
SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
PARENT = """
import subprocess, sys
from gerador.embedded.java import supervised
child = subprocess.Popen(supervised([sys.executable, "-c", sys.argv[1]]), stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def _watched(code: str) -> subprocess.Popen[str]:
    command = with_watchdog([sys.executable, "-c", code])
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_exit_code_is_the_childs():
    """A child's own exit code comes through."""
    with _watched("raise SystemExit(7)") as process:
        assert process.wait(END_TIMEOUT_S) == 7


def test_sigterm_is_passed_on():
    """SIGTERM to the watchdog ends the child, which may still do its work of ending."""
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(5)); "
        "print('up', flush=True); signal.pause()"
    )
    with _watched(code) as process:
        assert _line(process) == "up"
        process.terminate()
        assert process.wait(END_TIMEOUT_S) == 5


def test_a_killed_parent_takes_the_child_along():
    """When the parent is killed with SIGKILL, neither watchdog nor child stays."""
    command = [sys.executable, "-c", PARENT, SLEEPER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        watchdog = psutil.Process(int(_line(parent)))
        family = [watchdog, *watchdog.children()]
        assert len(family) == 2
        parent.kill()
    assert not psutil.wait_procs(family, timeout=END_TIMEOUT_S)[1]


def test_a_killed_watchdog_takes_the_child_along():
    """Where Linux offers it, killing the watchdog itself leaves no child behind."""
    with _watched(SLEEPER) as process:
        assert _line(process) == "up"
        children = psutil.Process(process.pid).children()
        assert len(children) == 1
        process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=END_TIMEOUT_S if LINUX else 0)
    for child in alive:
        child.kill()
    assert len(alive) == (0 if LINUX else 1)

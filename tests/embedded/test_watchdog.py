"""The watchdog, with Python programs instead of Java."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil

from gerador.embedded.java import with_watchdog

EXIT_TIMEOUT_S = 10
LINUX = sys.platform == "linux"
SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
PARENT = """
import subprocess, sys
from gerador.embedded.java import with_watchdog
child = subprocess.Popen(with_watchdog([sys.executable, "-c", sys.argv[1]]), stdout=subprocess.PIPE)
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


def test_the_exit_code_is_passed_on():
    """The watchdog exits with the child's exit code."""
    with _watched("raise SystemExit(7)") as process:
        assert process.wait(EXIT_TIMEOUT_S) == 7


def test_sigterm_is_passed_on():
    """SIGTERM to the watchdog reaches the child, which can shut down cleanly."""
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(5)); "
        "print('up', flush=True); signal.pause()"
    )
    with _watched(code) as process:
        assert _line(process) == "up"
        process.terminate()
        assert process.wait(EXIT_TIMEOUT_S) == 5


def test_the_child_ends_when_the_parent_is_killed():
    """After SIGKILL of the parent, watchdog and child exit."""
    command = [sys.executable, "-c", PARENT, SLEEPER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        watchdog = psutil.Process(int(_line(parent)))
        processes = [watchdog, *watchdog.children()]
        assert len(processes) == 2
        parent.kill()
    assert not psutil.wait_procs(processes, timeout=EXIT_TIMEOUT_S)[1]


def test_the_child_ends_when_the_watchdog_is_killed():
    """On Linux the child exits after SIGKILL of the watchdog."""
    with _watched(SLEEPER) as process:
        assert _line(process) == "up"
        children = psutil.Process(process.pid).children()
        assert len(children) == 1
        process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=EXIT_TIMEOUT_S if LINUX else 0)
    for child in alive:
        child.kill()
    assert len(alive) == (0 if LINUX else 1)


def test_the_child_ends_when_the_parent_was_killed_before_the_watchdog_ran():
    """The watchdog knows its parent's process id, also if the parent has already ended."""
    code = (
        "import os, subprocess, sys\n"
        "from gerador.embedded.java import with_watchdog\n"
        "child = subprocess.Popen(with_watchdog([sys.executable, '-c', sys.argv[1]]))\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", code, "import time; time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(_line(parent))
    if psutil.pid_exists(pid):
        psutil.wait_procs([psutil.Process(pid)], EXIT_TIMEOUT_S)
    assert not psutil.pid_exists(pid)

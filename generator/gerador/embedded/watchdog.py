"""A script that runs a Java process and ends it when the parent process ends. Standard library only."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys

PARENT_CHECK_INTERVAL_S = 0.25
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def set_parent_death_signal() -> None:
    """Ask Linux to kill this process when the one that forked it ends."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - 5 ms that only the child needs

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def terminate(child: subprocess.Popen[bytes], timeout_s: float) -> None:
    """Stop the child: SIGTERM, a bounded wait, SIGKILL."""
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout_s)
    child.kill()
    child.wait()


def wake_on_signals() -> int:
    """Return a descriptor that becomes readable when a child ends or SIGTERM arrives."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    return readable


def watch(child: subprocess.Popen[bytes], parent: int, woken: int, stop_timeout_s: float) -> int:
    """Wait until the child has ended, ending it when `parent` is gone; return its exit code."""
    while (code := child.poll()) is None:
        if os.getppid() != parent:
            terminate(child, stop_timeout_s)
        if select.select([woken], [], [], PARENT_CHECK_INTERVAL_S)[0]:
            os.read(woken, 64)
    return code


def main(stop_timeout_s: float, command: list[str]) -> int:
    """Start the command and watch it."""
    parent = os.getppid()
    woken = wake_on_signals()
    # Java reads file names by the locale, and in a bare environment that is ASCII.
    os.environ["LC_ALL"] = "C.UTF-8"
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        preexec_fn=set_parent_death_signal,  # noqa: PLW1509 - safe: there is one thread
    )
    signal.signal(signal.SIGTERM, lambda _number, _frame: child.terminate())
    return watch(child, parent, woken, stop_timeout_s)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]) & 0xFF)

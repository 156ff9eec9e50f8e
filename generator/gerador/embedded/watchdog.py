"""A script that runs a Java process and stops it when the parent process ends. Stdlib only."""

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
    """Make Linux kill this process when its parent ends."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - takes 5 ms

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def terminate(child: subprocess.Popen[bytes], timeout_s: float) -> None:
    """Stop the child with SIGTERM, and with SIGKILL after `timeout_s`."""
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout_s)
    child.kill()
    child.wait()


def wake_on_signals() -> int:
    """Return a file descriptor that becomes readable when a child ends or SIGTERM arrives."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    return readable


def watch(child: subprocess.Popen[bytes], parent: int, wakeup: int, stop_timeout_s: float) -> int:
    """Wait until the child ends; stop it when `parent` has ended. Return its exit code."""
    while (code := child.poll()) is None:
        if os.getppid() != parent:
            terminate(child, stop_timeout_s)
        if select.select([wakeup], [], [], PARENT_CHECK_INTERVAL_S)[0]:
            os.read(wakeup, 64)
    return code


def main(parent: int, stop_timeout_s: float, command: list[str]) -> int:
    """Start the command and watch it. `parent` is an argument: it may have ended by now."""
    wakeup = wake_on_signals()
    # Java decodes file names by the locale, which is ASCII in an empty environment.
    os.environ["LC_ALL"] = "C.UTF-8"
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        preexec_fn=set_parent_death_signal,  # noqa: PLW1509 - safe with one thread
    )
    signal.signal(signal.SIGTERM, lambda _number, _frame: child.terminate())
    return watch(child, parent, wakeup, stop_timeout_s)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]) & 0xFF)

"""The command line: one file a command; these are the composition roots."""

import signal

from gerador.process import relax_gc

# Until a command sets its own handlers, Ctrl-C ends the program without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)
relax_gc()

from gerador.cli.main import main  # noqa: E402 - what is imported takes a moment

__all__ = ["main"]

"""The command line: one module per command."""

import signal

from gerador.process_tuning import relax_gc

# Until a command sets its own handlers, Ctrl-C ends the program without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)
relax_gc()

"""The command line: one file a command; these are the composition roots."""

from generator.cli.main import main

__all__ = ["main"]

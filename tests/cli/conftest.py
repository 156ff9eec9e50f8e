"""The command as a fixture for all tests of commands."""

from __future__ import annotations

from tests.cli.test_main import gerador

__all__ = ["gerador"]

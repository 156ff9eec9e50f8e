"""The command as a fixture, for every test of commands."""

from __future__ import annotations

from tests.cli.test_main import gerador

__all__ = ["gerador"]

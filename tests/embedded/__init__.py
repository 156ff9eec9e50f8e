"""Tests of generator.embedded."""

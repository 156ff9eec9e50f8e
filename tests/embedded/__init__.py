"""Tests of gerador.embedded."""

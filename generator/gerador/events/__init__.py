"""Rows as Arrow columns: pure functions of the recipe. No IO, no clock, no global randomness."""

"""Kinds of column, a module each family; a column draws a block of values at a time."""

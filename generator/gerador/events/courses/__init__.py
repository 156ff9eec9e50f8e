"""When the rows of a course fall due, counted from its beginning: exact, both ways, for arrays."""

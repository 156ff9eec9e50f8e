"""What is declared: schemas, streams, and how each field's values are chosen. No values."""

"""The HTTP side: records, status, metrics, schemas. It never waits for generation."""

"""Values that DuckDB computes from other fields of the row."""

"""Rows of streams as Arrow record batches, and the lookup columns that streams share."""

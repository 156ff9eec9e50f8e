"""Rows of streams as Arrow record batches, and the columns that streams reference."""

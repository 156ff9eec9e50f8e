"""Generate text that matches a regular expression."""

"""Text that matches a regular expression."""

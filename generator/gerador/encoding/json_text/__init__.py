"""Rows as JSON objects, the text that `/dados` shows, and the JSON Schema that describes them."""

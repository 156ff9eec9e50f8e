"""The run loop: due, made, encoded, delivered, counted; and the states it can be in."""

"""Scenario files: YAML into the strict model, and the model into declared streams."""

"""Scenario files: YAML text to model to validated plan, the gallery, and export."""

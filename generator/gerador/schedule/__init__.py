"""Schedules: load profiles, arrival processes, changes, and the due time of every row."""

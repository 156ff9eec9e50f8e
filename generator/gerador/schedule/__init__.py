"""Schedules: rates over time, arrival processes, and the due time of every row."""

"""Gerador: synthetic events whose streams come with the answer key."""

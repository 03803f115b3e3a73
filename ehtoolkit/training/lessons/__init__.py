"""Situations that a trainer sets up: a lost password, keys that are no longer accepted."""

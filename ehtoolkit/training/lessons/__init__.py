"""Lessons: their stations, the immediate effects of scenarios, and keys that were thrown away."""

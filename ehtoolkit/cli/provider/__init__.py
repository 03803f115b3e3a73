"""``ehtoolkit provider``: its commands, and what they share."""

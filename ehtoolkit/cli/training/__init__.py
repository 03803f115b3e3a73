"""``ehtoolkit training``: its commands, and what they share."""

"""``ehtoolkit certificate``: its commands, and what they share."""

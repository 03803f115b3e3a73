"""``ehtoolkit watch``: its commands, and what they share."""

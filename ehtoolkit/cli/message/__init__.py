"""``ehtoolkit message``: its commands, and what they share."""

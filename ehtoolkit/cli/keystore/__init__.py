"""``ehtoolkit keystore``: its commands, and what they share."""

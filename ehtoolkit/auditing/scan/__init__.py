"""Scan keystore files and judge them: in this process, in worker processes, or on other computers."""

"""This computer: private folders, worker processes with their pipes, loopback addresses, and text that is safe to show."""

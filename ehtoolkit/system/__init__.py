"""This computer: private folders, worker processes and their pipes, loopback addresses, text that is safe to show."""

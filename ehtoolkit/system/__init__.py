"""This computer: files, locks, private folders, worker processes, loopback addresses, text that is safe to show."""

"""Keystores on disk: safe writes, names, folders, locks, backups, archive, and what is remembered of them."""

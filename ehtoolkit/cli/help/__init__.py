"""Help and usage of every command, in the user's language."""

"""The public functions, and the connection whose methods they call."""

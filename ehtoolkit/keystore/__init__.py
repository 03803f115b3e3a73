"""Keystores: what is in them, in which state they are, and how they are read, written, named and found."""

"""The end of every form: its receipt, to print or to save."""

"""Due keystores: those of the folder, the state of each, and its next step."""

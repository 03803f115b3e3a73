"""What is due: the keystores of the folder, how each stands, and the next step."""

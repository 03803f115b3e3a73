"""voila."""

"""The providers' page."""

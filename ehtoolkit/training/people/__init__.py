"""The invented people of the training platform, with their cards and mandates."""

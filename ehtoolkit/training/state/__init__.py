"""What the training platform keeps, and what its services rest on: nothing here imports other parts of it."""

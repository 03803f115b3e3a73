"""The services of the training platform: requests read, decided and answered."""

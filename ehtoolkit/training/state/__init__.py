"""The state of the training platform: people, clock, scenarios, mails; it imports no other part of the platform."""

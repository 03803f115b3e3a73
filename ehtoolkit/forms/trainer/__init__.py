"""The trainer's page, and the mailbox."""

"""The Revoke form: what it knows and does, and its pages."""

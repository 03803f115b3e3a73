"""The Complete form, also for renewals: its model without widgets, and its pages."""

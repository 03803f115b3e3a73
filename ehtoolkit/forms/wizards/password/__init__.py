"""The Password form: a model without widgets, and its pages."""

"""The Request form: what it knows and does, for whom the certificate is, and its pages."""

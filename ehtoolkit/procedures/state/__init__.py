"""The state of a certificate, as file, platform and depot tell it, and how it changes."""

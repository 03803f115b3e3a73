"""The page about this computer, and the triage of a certificate."""

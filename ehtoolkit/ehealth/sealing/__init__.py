"""Sealed messages between holders of eHealth certificates (ETEE, end-to-end encryption): docs/SEALING.md."""

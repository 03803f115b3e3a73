"""Cryptographic Message Syntax (RFC 5652): read and check signed data and enveloped data within limits."""

"""Certificates and tokens of the eHealth platform: requests, challenges, encryption certificates, checks."""

"""The training platform's memory: certificates, contracts, pending requests, mail."""

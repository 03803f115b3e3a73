"""What the training platform remembers: certificates, contracts, pending requests, mail."""

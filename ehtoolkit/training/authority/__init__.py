"""The certificate authorities of the training platform, and what they sign."""

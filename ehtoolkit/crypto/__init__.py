"""Keys, certificates and DER, as every layer above needs them: kinds of keys, signatures, and what libraries raise."""

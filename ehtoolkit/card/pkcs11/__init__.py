"""The card behind a PKCS#11 module, which lives in a worker process."""

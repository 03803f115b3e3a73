"""Cards: what a Belgian eID can do for us, in software for training and behind PKCS#11."""

"""The PKCS#12 codec behind `ehtoolkit.keystore.pkcs12`: structure, key derivation, ciphers, limits,
writer."""

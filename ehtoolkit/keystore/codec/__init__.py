"""The PKCS#12 codec behind `ehtoolkit.keystore.pkcs12`."""

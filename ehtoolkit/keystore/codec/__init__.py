"""The PKCS#12 codec behind `ehtoolkit.keystore.codec.pkcs12`."""

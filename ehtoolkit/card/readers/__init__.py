"""Card readers, as PC/SC and the PKCS#11 modules list them."""

"""Cards: what procedures ask of a card (`port`), and a Belgian eID behind PKCS#11."""

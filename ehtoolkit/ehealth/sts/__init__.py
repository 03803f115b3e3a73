"""The Security Token Service: a session for the holder of a keystore, as a SAML 1.1 assertion bound to its key."""

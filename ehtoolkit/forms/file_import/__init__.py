"""Takes a keystore from elsewhere on this computer, or from the reader's own, into the keystore folder."""

"""An eID card of applet 1.7 or 1.8, byte for byte as a reader sees it: command APDUs in, answers out."""

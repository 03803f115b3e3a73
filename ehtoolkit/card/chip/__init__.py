"""The files on an eID chip: identity, address, dates, and the TLV that they are written in."""

"""A training card in a virtual card reader of this computer."""

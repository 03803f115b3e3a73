"""SOAP messages of the eHealth platform: XML, envelopes, signatures, status codes, and the client that sends them."""

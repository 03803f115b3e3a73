"""Was a certificate revoked? Its issuer's responder (OCSP, RFC 6960) is asked, else its list (CRL, RFC 5280) read."""

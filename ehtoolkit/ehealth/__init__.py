"""The protocol of the eHealth platform, from the client's side.

- `certra`, `etk` and `sts` are the services, with one method for each operation; `platform` holds them. Their messages
  are built from values and read into values.
- A message is wrapped, signed and posted (`soap`) over a transport (`wire`).
- A contract is compared with the request before it is signed, and shown as text (`contract`).
- `etk` also reads tokens and their encryption certificates; `revocation` tells whether a certificate was revoked.
- Messages are sealed and opened (`sealing`) as CMS structures (`cms`).
"""

"""The protocol of the eHealth platform, from the client's side.

Messages are built from values and read into values (`certra_messages` and its like), wrapped (`envelope`),
signed by whatever key can sign (`signature`), posted once over a transport (`http`) and answered by
something that belongs to the question (`exchange`); `certra`, `etkra` and `etkdepot` are the three services
with one method for each operation, and `platform` has them in hand together. What comes back is believed
only after `contract`, `delivery`, `challenge` and `etk` have compared it with what was asked for.
"""

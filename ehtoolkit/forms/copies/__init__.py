"""Safety copies: the drives and folders that pages offer, the part that copies, and the reminder of the first page."""

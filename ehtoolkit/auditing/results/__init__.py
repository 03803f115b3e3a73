"""Results of scans: their form, in Python and as JSON, and the cache that keeps them."""

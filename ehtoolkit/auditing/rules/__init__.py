"""Rules of an audit: what is wrong with keystores, folders and providers."""

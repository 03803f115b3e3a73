"""Change or repair keystores: recovery, conversion, merging, new passwords, exports."""

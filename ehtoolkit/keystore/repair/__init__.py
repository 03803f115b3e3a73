"""Repair keystores and read other formats: recovery, JKS, JCEKS and PEM, import, merging, names of keys, exports."""

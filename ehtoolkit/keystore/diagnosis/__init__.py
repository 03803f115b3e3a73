"""Diagnosis: what a file is, what is wrong with it, and what to do, in sentences for people."""

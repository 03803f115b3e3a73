"""Checks that procedures share: who may do what, and what stands in the way."""

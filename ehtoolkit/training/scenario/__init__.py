"""Scenarios that a trainer switches on."""

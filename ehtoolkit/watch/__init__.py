"""Watches: audits that run by themselves, compare with the last time, and send a message when something is due."""

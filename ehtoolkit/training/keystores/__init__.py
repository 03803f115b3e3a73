"""Keystores with certificates of the training platform: make those of the sample, recognise those that it issued."""

"""The training platform's STS: strict where the real one has to refuse, tolerant where clients differ."""

from __future__ import annotations

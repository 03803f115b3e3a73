"""Arguments that training commands share."""

from __future__ import annotations

import click

ON_OFF = click.Choice(["on", "off"])

"""Providers: who works in a practice, under which INAMI numbers, from when to when, and with which keystore."""

from __future__ import annotations

from ehtoolkit.providers.provider import Assignment as Assignment
from ehtoolkit.providers.provider import Conventioned as Conventioned
from ehtoolkit.providers.provider import Period as Period
from ehtoolkit.providers.provider import Provider as Provider
from ehtoolkit.providers.registry import Registry as Registry
from ehtoolkit.providers.registry import open_registry as open_registry
from ehtoolkit.providers.rules import examine_provider as examine_provider

"""Scans by other workers than those of this process: of any `concurrent.futures.Executor`, or of a Dask cluster."""

from __future__ import annotations

from ehtoolkit.auditing.executors.cluster import open_cluster

__all__ = ["open_cluster"]

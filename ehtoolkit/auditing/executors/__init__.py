"""Scans by other workers than those of this process: of any `concurrent.futures.Executor`, or of a Dask cluster."""

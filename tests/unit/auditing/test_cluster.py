"""The executor of distributed has its client by the private name that `cluster` uses."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from distributed.cfexecutor import ClientExecutor

from ehtoolkit.auditing.scan.dask_cluster import insecure_address


@pytest.mark.parametrize(
    ("address", "insecure"), [("tcp://192.0.2.7:8786", True), ("tls://192.0.2.7:8786", False)]
)
def test_the_client_of_an_executor_says_where_its_scheduler_is(address: str, insecure: bool) -> None:
    client = SimpleNamespace(
        scheduler=SimpleNamespace(address=address), scheduler_info=lambda n_workers: {"workers": {}}
    )
    assert insecure_address(ClientExecutor(client)) == (address if insecure else None)

"""The undocumented parts of jupyter_client are there, and mean what `fork_provisioner` takes them for."""

from __future__ import annotations

import inspect
from importlib.metadata import EntryPoint

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from ehtoolkit.voila import fork_provisioner


def test_a_provisioner_that_was_registered_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KernelProvisionerFactory, "provisioners", {})
    fork_provisioner.register()
    found = KernelProvisionerFactory.provisioners[fork_provisioner.NAME]
    assert isinstance(found, EntryPoint)
    assert found.group == KernelProvisionerFactory.GROUP_NAME == "jupyter_client.kernel_provisioners"
    assert found.load() is fork_provisioner.ForkProvisioner
    metadata = {"kernel_provisioner": {"provisioner_name": fork_provisioner.NAME}}
    assert KernelProvisionerFactory().is_provisioner_available(KernelSpec(metadata=metadata))


@pytest.mark.parametrize("name", ["process", "pid", "pgid", "connection_info"])
def test_a_local_provisioner_has_what_ours_sets(name: str) -> None:
    assert hasattr(LocalProvisioner, name)
    assert f"self.{name}" in inspect.getsource(LocalProvisioner.launch_kernel)


def test_a_local_provisioner_signals_and_polls_its_process() -> None:
    assert "self.process" in inspect.getsource(LocalProvisioner.poll)
    assert "self.pgid" in inspect.getsource(LocalProvisioner.send_signal)
    assert "cwd" in inspect.getsource(LocalProvisioner)

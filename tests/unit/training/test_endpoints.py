"""The table of endpoints has each operation of the three services, with the signer that the protocol wants."""

from __future__ import annotations

from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import TRUST
from ehtoolkit.training.request_dispatch import ENDPOINTS, PATHS


def test_every_operation_of_the_services_is_offered() -> None:
    services = {operation for operation in op.OPERATIONS.values() if operation.namespace != TRUST}
    assert set(ENDPOINTS) == {operation.request_tag for operation in services}
    assert {operation.namespace for operation in services} == set(PATHS.values())


def test_who_signs() -> None:
    by_signer: dict[str, set[op.Operation]] = {}
    for endpoint in ENDPOINTS.values():
        by_signer.setdefault(endpoint.signer, set()).add(endpoint.operation)
    assert by_signer["citizen"] == {op.GET_ACTOR_QUALITIES, op.GET_CERTIFICATE_INFO_FOR_CITIZEN}
    assert by_signer["citizen_signing"] == {op.GENERATE_CERTIFICATE, op.REVOKE}
    tokens = {op.START_ETK_REGISTRATION, op.COMPLETE_ETK_REGISTRATION, op.ACTIVATE_ETK}
    assert by_signer["holder"] == tokens
    assert by_signer["any_holder"] == {op.GET_CERTIFICATE_INFO}


def test_one_unsigned_operation_changes_something() -> None:
    """The platform recognises a repeated request by its signer; that one is recognised by its key."""
    unsigned = {endpoint.operation for endpoint in ENDPOINTS.values() if endpoint.signer == "unsigned"}
    assert {operation for operation in unsigned if not operation.repeatable} == {op.SUBMIT_CSR_FOR_FOREIGNER}

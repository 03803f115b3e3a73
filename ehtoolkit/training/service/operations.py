"""The operations of the three services: reads a request, has it decided, builds the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.operations import Operation
from ehtoolkit.ehealth.soap.xml import CERTRA, CERTRA_CORE, DEPOT, ETKRA, XSI, Element, add, wrap
from ehtoolkit.training.service import requests, responses
from ehtoolkit.training.service.authentication import Citizen, RequestAuthenticator, SignedMessage
from ehtoolkit.training.service.certificates import CertificateAuthority
from ehtoolkit.training.service.foreigners import ForeignAuthority
from ehtoolkit.training.service.organisation_types import organisation_types
from ehtoolkit.training.service.revocation import RevocationAuthority
from ehtoolkit.training.service.tokens import TokenAuthority
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.refusals import Refusal

_BY_SIGNATURE_KEY: Final = frozenset({op.GENERATE_CERTIFICATE, op.REVOKE})


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """One request on its way: the operation, the moment, what is to be read, and the scheme and host under
    which the asker found this platform."""

    operation: Operation
    now: datetime
    request: Element
    base_url: str

    @property
    def request_id(self) -> str | None:
        return self.request.get("Id")

    def success(self) -> Element:
        return responses.success(self.operation, self.request_id, self.now)


class Services:
    """All operations. `answer` gives the whole envelope and raises `errors.MessageInvalid` for a request that
    is not as the schema wants it, and KeyError for an operation that is not offered."""

    def __init__(
        self,
        database: TrainingDatabase,
        gate: RequestAuthenticator,
        authority: CertificateAuthority,
        tokens: TokenAuthority,
        revocations: RevocationAuthority,
        foreigners: ForeignAuthority,
        clock: TrainingClock,
    ) -> None:
        self._database = database
        self._gate = gate
        self._authority = authority
        self._tokens = tokens
        self._revocations = revocations
        self._foreigners = foreigners
        self._clock = clock
        # Nobody signs these.
        self._open: MappingProxyType[Operation, Callable[[ServiceCall], Element]] = MappingProxyType(
            {
                op.GET_GENERIC_ORGANIZATION_TYPES: self._organisation_types,
                op.GET_EXISTING_APPLICATION_IDS: self._application_ids,
                op.GENERATE_CONTRACT: self._contract,
                op.GET_CERTIFICATE: self._certificate,
                op.GENERATE_REVOCATION_CONTRACT: self._revocation_contract,
                op.SUBMIT_CSR_FOR_FOREIGNER: self._foreigner,
                op.GET_ETK: self._depot,
            }
        )
        # Signed by a citizen, with the Authentication key unless _BY_SIGNATURE_KEY says otherwise.
        self._of_citizens: MappingProxyType[Operation, Callable[[ServiceCall, Citizen], Element]] = (
            MappingProxyType(
                {
                    op.GET_ACTOR_QUALITIES: self._qualities,
                    op.GENERATE_CERTIFICATE: self._request,
                    op.GET_CERTIFICATE_INFO_FOR_CITIZEN: self._info_for_citizen,
                    op.REVOKE: self._revoke,
                }
            )
        )
        # Signed by the authentication key of an eHealth certificate.
        self._of_holders: MappingProxyType[Operation, Callable[[ServiceCall, CertificateRecord], Element]] = (
            MappingProxyType(
                {
                    op.GET_CERTIFICATE_INFO: self._info,
                    op.START_ETK_REGISTRATION: self._start,
                    op.COMPLETE_ETK_REGISTRATION: self._complete,
                    op.ACTIVATE_ETK: self._activate,
                }
            )
        )

    def offers(self, operation: Operation) -> bool:
        return operation in self._open or operation in self._of_citizens or operation in self._of_holders

    def answer(self, operation: Operation, request: Element, base_url: str) -> bytes:
        """Return the envelope that answers ``request``, refusals included. ``base_url``: where this platform is."""
        now = self._clock.now()
        if operation.namespace != DEPOT:
            requests.check_head(request)
        try:
            if operation in self._open:
                return wrap(self._open[operation](ServiceCall(operation, now, request, base_url)))
            signed = self._gate.verify(request)
            asked = ServiceCall(operation, now, signed.element, base_url)
            if operation.repeatable:
                return wrap(self._answer_signed(asked, signed))
            return self._answer_once(asked, signed)
        except Refusal as why:
            return wrap(responses.refusal(operation, request.get("Id"), now, why))

    def _answer_signed(self, asked: ServiceCall, signed: SignedMessage) -> Element:
        operation = asked.operation
        if operation in self._of_holders:
            even_if_ended = operation == op.GET_CERTIFICATE_INFO
            return self._of_holders[operation](asked, self._gate.holder(signed, even_if_ended=even_if_ended))
        citizen = self._gate.citizen(signed, with_signature_key=operation in _BY_SIGNATURE_KEY)
        return self._of_citizens[operation](asked, citizen)

    def _answer_once(self, asked: ServiceCall, signed: SignedMessage) -> bytes:
        """Do what may only be done once, and give a repeated request the answer that the first one got.

        Deed and answer are one transaction. A refusal is not kept: asked again, the request is judged anew.
        """
        key = (asked.operation.name, asked.request_id, signed.signer)
        query = "SELECT digest, body FROM answer WHERE operation = ? AND request_id = ? AND signer = ?"
        with self._database.writing() as connection:
            row = connection.execute(query, key).fetchone()
            if row is not None:
                if row["digest"] != signed.digest:
                    raise Refusal("REQUEST_ID_REUSED")
                return bytes(row["body"])
            body = wrap(self._answer_signed(asked, signed))
            connection.execute("INSERT INTO answer VALUES (?, ?, ?, ?, ?)", (*key, signed.digest, body))
            return body

    # ── CertRA ───────────────────────────────────────────────────────────────────────────────────────────
    def _qualities(self, asked: ServiceCall, citizen: Citizen) -> Element:
        qualities = self._authority.qualities(citizen, requests.read_ssin(asked.request))
        answer = asked.success()
        responses.add_boolean(answer, CERTRA, "NaturalPersonAuthorization", qualities.natural_person)
        for one in qualities.organisations:
            organisation = add(answer, CERTRA, "OrganizationAuthorization")
            responses.add_text(organisation, CERTRA_CORE, "Name", {"fr": one.name_fr, "nl": one.name_nl})
            add(organisation, CERTRA_CORE, "Identifier", one.identifier.value, Type=one.identifier.type)
        return answer

    def _organisation_types(self, asked: ServiceCall) -> Element:
        requests.read_nothing(asked.request)
        answer = asked.success()
        for one in organisation_types():
            kind = add(answer, CERTRA, "OrganizationType")
            responses.add_text(kind, CERTRA_CORE, "Name", {"fr": one.name_fr, "nl": one.name_nl})
            add(kind, CERTRA_CORE, "IdentifierType", one.type)
            add(kind, CERTRA_CORE, "ValidationRegEx", one.pattern)
            for algorithm in one.check_digit_algorithms:
                add(kind, CERTRA_CORE, "CheckDigitAlgorithm", algorithm)
            for service in one.base_services:
                add(kind, CERTRA_CORE, "AvailableBaseService", service)
        return answer

    def _application_ids(self, asked: ServiceCall) -> Element:
        """Return the answer with the application ids of an organisation. It has no Status, so that an organisation that
        cannot exist has an empty list."""
        kind, number = requests.read_organisation(asked.request)
        answer = responses.new_answer(asked.operation, asked.request_id, asked.now)
        try:
            found = self._authority.application_ids(kind, number)
        except Refusal:
            return answer
        for application_id in found:
            element = add(answer, CERTRA, "ApplicationId", application_id)
            if application_id is None:
                element.set(XSI("nil"), "true")
        return answer

    def _contract(self, asked: ServiceCall) -> Element:
        contract = self._authority.contract(requests.read_contract_request(asked.request))
        answer = asked.success()
        responses.add_contract(answer, contract)
        return answer

    def _request(self, asked: ServiceCall, citizen: Citizen) -> Element:
        record = self._authority.request(citizen, requests.read_certificate_request(asked.request))
        answer = asked.success()
        add(answer, CERTRA, "PublicKeyIdentifier", record.key_id)
        responses.add_boolean(answer, CERTRA, "AutomaticallyValidated", record.automatic)
        if record.replaces is not None:
            add(answer, CERTRA, "ReplacesCertificate", record.replaces)
        return answer

    def _certificate(self, asked: ServiceCall) -> Element:
        chain = self._authority.delivered(requests.read_key_id(asked.request))
        answer = asked.success()
        for certificate in chain:
            responses.add_certificate(answer, certificate)
        return answer

    def _revocation_contract(self, asked: ServiceCall) -> Element:
        written = self._revocations.contract(requests.read_revocation_request(asked.request))
        answer = asked.success()
        responses.add_contract(answer, written.contract, written.reason)
        return answer

    def _revoke(self, asked: ServiceCall, citizen: Citizen) -> Element:
        self._revocations.revoke(citizen, requests.read_signed_revocation(asked.request))
        return asked.success()

    def _foreigner(self, asked: ServiceCall) -> Element:
        submitted = self._foreigners.submit(requests.read_foreign_wish(asked.request), asked.base_url)
        answer = asked.success()
        add(answer, CERTRA, "ValidationUrl", submitted.url)
        add(answer, CERTRA, "ExpirationDate", responses.date_time(submitted.validate_by))
        return answer

    def _info_for_citizen(self, asked: ServiceCall, citizen: Citizen) -> Element:
        requests.read_nothing(asked.request)
        answer = asked.success()
        for record in self._authority.manageable_by(citizen):
            self._add_info(answer, record, asked.now)
        return answer

    def _info(self, asked: ServiceCall, holder: CertificateRecord) -> Element:
        requests.read_nothing(asked.request)
        answer = asked.success()
        self._add_info(answer, holder, asked.now)
        return answer

    def _add_info(self, answer: Element, record: CertificateRecord, now: datetime) -> None:
        responses.add_certificate_info(
            answer,
            record,
            record.status(now),
            self._tokens.status(record),
            self._authority.replaceable(record),
        )

    # ── EtkRA ────────────────────────────────────────────────────────────────────────────────────────────
    def _start(self, asked: ServiceCall, holder: CertificateRecord) -> Element:
        challenge = self._tokens.start(holder, requests.read_encryption_key(asked.request))
        answer = asked.success()
        responses.add_base64(answer, ETKRA, "Challenge", challenge)
        return answer

    def _complete(self, asked: ServiceCall, holder: CertificateRecord) -> Element:
        token = self._tokens.complete(holder, requests.read_encryption_certificate(asked.request))
        answer = asked.success()
        responses.add_base64(answer, ETKRA, "ETK", token.etk or b"")
        responses.add_boolean(answer, ETKRA, "ToBeActivated", token.activated_at is None)
        return answer

    def _activate(self, asked: ServiceCall, holder: CertificateRecord) -> Element:
        requests.read_nothing(asked.request)
        self._tokens.activate(holder)
        return asked.success()

    # ── depot ────────────────────────────────────────────────────────────────────────────────────────────
    def _depot(self, asked: ServiceCall) -> Element:
        search = requests.read_depot_search(asked.request)
        found = self._tokens.current(search)
        answer = asked.success()
        given = add(answer, DEPOT, "GivenSearchCriteria")
        for one in search:
            responses.add_identifier(given, one.type, one.value, one.application_id)
        if len(found) == 1:
            responses.add_base64(answer, DEPOT, "ETK", found[0].etk)
        for entry in found if len(found) > 1 else ():
            responses.add_match(answer, entry)
        if not found:
            error = add(answer, DEPOT, "Error")
            add(error, DEPOT, "Code", "ETK_NOT_FOUND")
            add(error, DEPOT, "Message", "No encryption token matches the search criteria.")
        return answer

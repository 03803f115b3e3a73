"""Methods that need a card, or a person without one: request, renew, list and revoke certificates."""

from __future__ import annotations

from ehtoolkit.api.arguments import (
    Agree,
    Password,
    PathLike,
    Pin,
    function_of,
    optional_secret_of,
    pin_of,
    secret_of,
)
from ehtoolkit.api.connection import Connection
from ehtoolkit.card.port import CardIdentity
from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact
from ehtoolkit.identity import ContactData, Organisation, Person
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign
from ehtoolkit.procedures.renew import renew
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.revoke import CompletedRevocation, reason_of, revoke
from ehtoolkit.procedures.state.certificate_list import ListedCertificate, by_key, list_certificates
from ehtoolkit.result_display import ResultTuple
from ehtoolkit.type_errors import instance_of, optional_instance_of


class RequestMethods(Connection):
    """Methods that need a card, or a person without one: request, renew, list and revoke certificates."""

    def read_card(self, card: str | None = None) -> CardIdentity:
        """Return the identity of the card's holder; needs no PIN.

        Args:
            card: ``training:NAME`` or ``pkcs11:MODULE#READER``; None uses the card of the settings, or the only card in
                a reader.

        Raises `errors.CardError`, for example `errors.CardAbsent`, `errors.MultipleCards` or `errors.ModuleMissing`.

        >>> import ehtoolkit
        >>> ehtoolkit.read_card("training:elise").person.full_name
        'Élise Marie Vandamme'
        """
        with self._card(card) as reader:
            return reader.identity()

    def request_certificate(
        self,
        contact: ContactData,
        *,
        password: Password,
        agree: Agree,
        pin: Pin = None,
        card: str | None = None,
        organisation: Organisation | None = None,
        application_id: str | None = None,
        insist: bool = False,
    ) -> ProcedureResult:
        """Request a certificate for the card's holder, or for ``organisation``. The private key is written to a new
        keystore in the keystore folder before anything is sent.

        Args:
            contact: the e-mail address and phone number that the platform gets.
            password: of the new keystore.
            agree: called with the `Contract`; it must show it, and raises `errors.TermsNotAccepted` to stop.
            pin: the PIN, or a function that returns it for the name of a key (``Authentication``, then ``Signature``);
                None when the middleware or the reader asks. A card whose PIN is asked here, such as a training card,
                then raises `errors.PinNeeded`.
            card: as in `read_card`.
            organisation: the certificate is for this organisation. A person checks the request (state ``validating``)
                if the platform does not list the card's holder as its representative.
            application_id: tells several certificates of one organisation apart; only with ``organisation``.
            insist: request even if another request or certificate of the same holder is, or may be, in the way. The
                file of a request that the platform may have is archived once the new one is accepted.

        Raises before anything is sent: `errors.CardError`, `errors.PinError`, `errors.PasswordNotAllowed`,
        `errors.PasswordReused` (it opens the same person's keystore for the other use: personal or an organisation's),
        and when another request or certificate of the same holder stands in the way `errors.RequestWaiting`,
        `errors.NeverSent`, `errors.CertificateInForce` or `errors.ApplicationIdTaken`; when the platform's answer about
        it is not understood, `errors.RequestUnclear` or `errors.StatusUnclear`. `errors.PlatformError` when the
        platform cannot be reached or refuses. If it is unknown whether the request arrived, the error is one of
        ``errors.OUTCOME_UNKNOWN`` and the keystore is on disk: call `complete_certificate`, which asks the platform.

        >>> from ehtoolkit import ContactData, complete_certificate, request_certificate
        >>> contact = ContactData("elise@example.be", "+32 2 555 01 42")
        >>> asked = request_certificate(
        ...     contact,
        ...     password="Kine-2026",
        ...     pin="1234",
        ...     card="training:elise",
        ...     agree=lambda contract: None,  # a program for people shows contract.texts["fr"]
        ... )
        >>> print(asked.state, "→", asked.next)
        waiting → complete
        """
        instance_of("contact", contact, ContactData)
        organisation = optional_instance_of("organisation", organisation, Organisation)
        application_id = optional_instance_of("application_id", application_id, str)
        if application_id is not None and organisation is None:
            raise TypeError("application_id has to be given with organisation")
        secret, ask, show = secret_of("password", password), pin_of("pin", pin), function_of("agree", agree)
        with self._card(card) as reader:
            person = reader.identity().person
            wanted = CertificateRequest(person, organisation or person, contact, application_id)
            return request(wanted, reader, ask, secret, self._toolkit.context, show=show, insist=insist)

    def request_foreign_certificate(
        self, person: Person, contact: ContactData, password: Password, *, insist: bool = False
    ) -> ProcedureResult:
        """Request a certificate for a person who has a BIS number and no card. The result's ``validation`` says where
        that person logs in to confirm it, and until when. Then call `complete_certificate`.

        Args:
            password: of the new keystore.
            insist: as in `request_certificate`.

        Raises `errors.PasswordNotAllowed`, `errors.RequestWaiting`, `errors.NeverSent` and `errors.PlatformError`, such
        as `errors.RequestUnclear`.

        >>> from ehtoolkit import ContactData, Niss, Person, request_foreign_certificate
        >>> person = Person(Niss("81431706470"), "Anaïs Renée", "Delporte-Gómez")
        >>> contact = ContactData("anais@example.org", "+33 1 99 00 01 42")
        >>> outcome = request_foreign_certificate(person, contact, "Kine-2026")
        >>> outcome.validation is not None
        True
        """
        wanted = ForeignerRequest(
            instance_of("person", person, Person), instance_of("contact", contact, ContactData)
        )
        secret = secret_of("password", password)
        return request_foreign(wanted, secret, self._toolkit.context, insist=insist)

    def renew_certificate(
        self,
        keystore: PathLike,
        password: Password,
        *,
        agree: Agree,
        pin: Pin = None,
        contact: ContactData | None = None,
        new_password: Password | None = None,
        card: str | None = None,
        insist: bool = False,
    ) -> ProcedureResult:
        """Renew the certificate of a keystore, in a new file beside it with the same decryption keys; the old file is
        not changed. The result is about the new file, which must then be completed and activated.

        Args:
            pin, agree, card: as in `request_certificate`.
            contact: None sends the details that the platform has.
            new_password: of the new file; None takes the old password.
            insist: renew even if the platform may have a newer request, and its list for the card lacks it.

        Raises `errors.RenewalTooEarly` (with the date from which the platform allows it), `errors.NotReplaceable`,
        `errors.WrongState` (the certificate was revoked, has expired or is not installed),
        `errors.DifferentKeystoreHolder` (the card is another person's), `errors.NotEntitled` (the platform does not
        list the card's holder for the organisation), `errors.PasswordNotAllowed`, `errors.PasswordReused`,
        `errors.WrongEnvironment`, and what `request_certificate` and `open_keystore` raise.

        >>> import ehtoolkit
        >>> with ehtoolkit.connect() as eh:
        ...     _ = eh.training.clock.move("+34mo")
        ...     renewed = eh.renew_certificate(
        ...         asked.keystore, "Kine-2026", pin="1234", card="training:elise", agree=lambda contract: None
        ...     )
        ...     _ = eh.training.clock.move("+1d")
        ...     print(eh.complete_certificate(renewed.keystore, "Kine-2026").state)
        to_activate
        """
        secret = secret_of("password", password)
        new = optional_secret_of("new_password", new_password)
        ask, show = pin_of("pin", pin), function_of("agree", agree)
        optional_instance_of("contact", contact, ContactData)
        change = RegisteredContact.as_contact if contact is None else lambda _: contact
        file, context = self._opened(keystore, secret), self._toolkit.context
        require_environment(file, context)
        with self._card(card) as reader:
            return renew(
                file,
                reader,
                ask,
                new or secret,
                context,
                show=show,
                contact=change,
                present=secret,
                insist=insist,
            )

    def list_certificates(
        self, *, pin: Pin = None, card: str | None = None
    ) -> ResultTuple[ListedCertificate]:
        """Return the certificates that the platform has for the card's holder and their organisations, newest request
        first, also those whose file or password is lost.

        Args:
            pin, card: as in `request_certificate`; only the Authentication key is used.

        Raises `errors.CardError`, `errors.PlatformError` and `errors.FileUnreadable`.

        >>> import ehtoolkit
        >>> held = ehtoolkit.list_certificates(pin="1234", card="training:elise")
        >>> [str(certificate.state) for certificate in held]
        ['active', 'active']
        """
        ask = pin_of("pin", pin)
        with self._card(card) as reader:
            return ResultTuple(list_certificates(reader, ask, self._toolkit.context))

    def revoke_certificate(
        self, key_id: str, reason: str, *, agree: Agree, pin: Pin = None, card: str | None = None
    ) -> CompletedRevocation:
        """Revoke a certificate of the card's holder or of one of their organisations, with its ETK.

        Args:
            key_id: from `list_certificates`, or from the keystore: 40 hexadecimal digits.
            reason: ``forgotten``, ``lost``, ``replace``, ``compromised``, ``changed`` or ``stopped``, or one of the
                platform's own four (RFC 5280): ``keyCompromise``, ``affiliationChanged``, ``superseded``,
                ``cessationOfOperation``.
            pin, agree, card: as in `request_certificate`.

        Raises `errors.InputInvalid` for another reason, `errors.CertificateNotListed`, `errors.NotRevocable`,
        `errors.CardError` and `errors.PlatformError`. The result has the details for a new request.

        >>> import ehtoolkit
        >>> gone = ehtoolkit.revoke_certificate(
        ...     held[-1].key_id, "replace", pin="1234", card="training:elise", agree=lambda contract: None
        ... )
        >>> print(gone.state, gone.keystore == asked.keystore)
        revoked True
        """
        why = reason_of(instance_of("reason", reason, str))
        pick = by_key(instance_of("key_id", key_id, str))
        ask, show = pin_of("pin", pin), function_of("agree", agree)
        with self._card(card) as reader:
            return revoke(reader, ask, pick, why, self._toolkit.context, show=show)

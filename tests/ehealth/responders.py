"""An authority with a responder and a list on this computer, for tests of revocation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from ehtoolkit.training.authority.pki import Issuer, key_usage

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
REVOKED_AT = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
_YEAR = timedelta(days=365)

Reply = tuple[int, bytes]


@dataclass
class Server:
    """Answers at ``url``; ``replies`` by path, each from the request's body. ``asked``: method, path and headers."""

    url: str = ""
    replies: dict[str, Callable[[bytes], Reply]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            status, answer = server.replies.get(self.path, lambda _: (404, b"nothing here"))(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            try:
                self.wfile.write(answer)
            except OSError:  # the asker has heard enough
                self.close_connection = True

        do_GET = do_POST = respond  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = Thread(target=http.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def make_root(text: str) -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        name(text),
        name(text),
        key.public_key(),
        x509.random_serial_number(),
        NOW - 9 * _YEAR,
        NOW + 9 * _YEAR,
    )
    builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
    builder = builder.add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
    return Issuer(key, (builder.sign(key, SHA256()),))


def issue(
    issuer: Issuer,
    text: str,
    *,
    ocsp_url: str | None = None,
    crl_url: str | None = None,
    purposes: tuple[x509.ObjectIdentifier, ...] = (),
    usage: str = "digital_signature",
    ca: bool = False,
    until: datetime = NOW + _YEAR,
) -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca, None), True),
        (key_usage(usage), True),
    ]
    if purposes:
        extensions.append((x509.ExtendedKeyUsage(list(purposes)), False))
    if ocsp_url is not None:
        place = x509.UniformResourceIdentifier(ocsp_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
        extensions.append((x509.AuthorityInformationAccess([access]), False))
    if crl_url is not None:
        place = x509.UniformResourceIdentifier(crl_url)
        extensions.append(
            (x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]), False)
        )
    certificate = issuer.issue(name(text), key.public_key(), (NOW - _YEAR, until), extensions)
    return Issuer(key, (certificate, *issuer.chain))


def responder_of(issuer: Issuer, text: str = "Responder", **options: object) -> Issuer:
    """Somebody whom ``issuer`` has entitled to answer."""
    options = {"purposes": (ExtendedKeyUsageOID.OCSP_SIGNING,), **options}
    return issue(issuer, text, **options)  # type: ignore[arg-type]


def ocsp_reply(
    certificate: x509.Certificate,
    issuer: Issuer,
    *,
    signer: Issuer | None = None,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    at: datetime = NOW - timedelta(hours=1),
    until: datetime | None = NOW + timedelta(hours=1),
    nonce: bool | bytes = True,
    attach: bool = True,
    reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise,
) -> Callable[[bytes], Reply]:
    """What a responder answers about ``certificate``, whatever it is asked about."""
    by = signer or issuer
    revoked = status is ocsp.OCSPCertStatus.REVOKED

    def reply(body: bytes) -> Reply:
        asked = ocsp.load_der_ocsp_request(body)
        builder = ocsp.OCSPResponseBuilder().add_response(
            certificate,
            issuer.certificate,
            asked.hash_algorithm,
            status,
            at,
            until,
            REVOKED_AT if revoked else None,
            reason if revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
        if signer is not None and attach:
            builder = builder.certificates([by.certificate])
        if nonce:
            sent = asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
            value = nonce if isinstance(nonce, bytes) else sent
            builder = builder.add_extension(x509.OCSPNonce(value), critical=False)
        return 200, builder.sign(by.key, SHA256()).public_bytes(Encoding.DER)

    return reply


def crl_reply(
    issuer: Issuer,
    *revoked: x509.Certificate,
    signer: Issuer | None = None,
    at: datetime = NOW - timedelta(hours=1),
    until: datetime = NOW + timedelta(days=1),
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    reason: x509.ReasonFlags | None = x509.ReasonFlags.certificate_hold,
) -> Callable[[bytes], Reply]:
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, at, until)
    for certificate in revoked:
        revocation = x509.RevokedCertificateBuilder(certificate.serial_number, REVOKED_AT)
        if reason is not None:
            revocation = revocation.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(revocation.build())
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    listed = builder.sign((signer or issuer).key, SHA256()).public_bytes(Encoding.DER)
    return lambda _: (200, listed)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def authority() -> Issuer:
    return issue(make_root("Root"), "Citizen CA", ca=True, usage="key_cert_sign")

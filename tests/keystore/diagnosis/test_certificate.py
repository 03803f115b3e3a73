"""State, dates, owner, environment and chain, as the certificate tells them."""

from __future__ import annotations

import subprocess
import warnings
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit.finding import Finding, Severity
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec.contents import CertificateBag, Pkcs12Contents, attributes_of
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.key_pairs import encoded
from ehtoolkit.keystore.state import State
from ehtoolkit.secret import Secret
from tests.keystore.conftest import name_of
from tests.keystore.diagnosis.conftest import ACCEPTANCE, NAME, PRODUCTION, Maker
from tests.keystore.other_programs import need


def find(maker: Maker, key: str, *given: object, **more: object) -> Finding:
    findings = maker.look(*given, **more).findings  # type: ignore[arg-type]
    return next(finding for finding in findings if finding.key == key)


def test_complete(maker: Maker, complete: bytes) -> None:
    diagnosis = maker.look(complete)
    keystore_maker = maker.keystore_maker
    assert (diagnosis.opened, diagnosis.state) == (True, State.COMPLETE)
    assert diagnosis.owner is not None
    assert diagnosis.owner.identifier.text == "SSIN=79031421872"
    assert diagnosis.environment is Environment.TRAINING
    assert (diagnosis.not_before, diagnosis.not_after) == (keystore_maker.start, keystore_maker.end)
    assert diagnosis.days_left == (keystore_maker.end - maker.now).days
    assert diagnosis.key_id == keystore_maker.complete.key_id
    assert diagnosis.certificates == 4
    assert diagnosis.subject is not None
    assert "79031421872" in diagnosis.subject
    assert find(maker, "state_complete", complete).facts == {
        "date": keystore_maker.end,
        "days": (keystore_maker.end - maker.now).days,
    }


@pytest.mark.parametrize(
    ("days", "key", "severity", "state"),
    [
        (-1, "state_complete", Severity.OK, State.COMPLETE),
        (+1, "state_renewable", Severity.WARNING, State.RENEWABLE),
    ],
)
def test_the_renewal_period_is_a_guess_of_three_months(
    maker: Maker, complete: bytes, days: int, key: str, severity: Severity, state: State
) -> None:
    now = maker.keystore_maker.end.replace(year=2029, month=11) + timedelta(days=days)
    diagnosis = maker.look(complete, now=now)
    assert diagnosis.state is state
    assert find(maker, key, complete, now=now).severity is severity


def test_expired_and_not_yet_valid(maker: Maker, complete: bytes) -> None:
    late = maker.keystore_maker.end + timedelta(days=3, hours=1)
    assert find(maker, "state_expired", complete, now=late).facts == {
        "date": maker.keystore_maker.end,
        "days": 3,
    }
    assert maker.look(complete, now=late).days_left == -3
    early = maker.keystore_maker.start - timedelta(minutes=1)
    assert find(maker, "state_not_yet_valid", complete, now=early).facts == {
        "moment": maker.keystore_maker.start
    }
    installed = maker.write(maker.keystore_maker.installed)
    assert maker.keys(installed, now=early) >= {"state_not_yet_valid", "state_no_etk"}


def test_the_expiry_is_reported_beside_other_findings(maker: Maker) -> None:
    soon = maker.keystore_maker.end - timedelta(days=1, hours=1)
    installed = maker.write(maker.keystore_maker.installed)
    assert find(maker, "state_ends", installed, now=soon).facts == {
        "date": maker.keystore_maker.end,
        "days": 1,
    }
    assert "state_no_etk" in maker.keys(installed, now=soon)
    assert "state_ends" not in maker.keys(installed, now=maker.keystore_maker.start)


def test_waiting_and_nothing_at_all(maker: Maker) -> None:
    prepared = maker.look(maker.keystore_maker.prepared)
    assert prepared.state is State.PREPARED
    assert (prepared.owner, prepared.environment, prepared.not_after, prepared.days_left) == (None,) * 4
    assert prepared.key_id == maker.keystore_maker.prepared.key_id
    lone = maker.look(Pkcs12Contents(maker.keystore_maker.prepared.contents.keys, ()))
    assert lone.state is None
    assert lone.has("certificate_missing")


def test_environment_by_the_whole_name_of_the_issuer(maker: Maker) -> None:
    production = maker.write(maker.issued_by(PRODUCTION))
    assert maker.look(production).environment is Environment.PRODUCTION
    assert not maker.keys(production) & {"environment_unknown", "environment_test", "ending_misleads"}
    acceptance = maker.write(maker.issued_by(ACCEPTANCE))
    assert maker.look(acceptance).environment is Environment.ACCEPTANCE
    assert {"environment_test", "ending_misleads"} <= maker.keys(acceptance)
    named = "SSIN=79031421872 20261124-130000.acc-p12"
    assert "ending_misleads" not in maker.keys(acceptance, named)
    assert "ending_misleads" in maker.keys(production, named)
    assert "environment_unknown" in maker.keys(maker.issued_by(f"{PRODUCTION} "))


def test_a_file_named_after_another_person(maker: Maker, complete: bytes) -> None:
    finding = find(maker, "name_other_holder", complete, "SSIN=80010112309 20261124-130000.p12")
    assert finding.facts == {"named": "SSIN=80010112309", "owner": "SSIN=79031421872"}


def test_an_owner_that_is_not_of_ehealth(maker: Maker) -> None:
    keystore_maker = maker.keystore_maker
    leaf = keystore_maker.certificate(
        name_of(C="BE", CN="somebody"),
        keystore_maker.keys["authentication"],
        keystore_maker.issuer_name,
        keystore_maker.keys["issuer"],
    )
    keystore = keystore_maker.prepared.with_chain((leaf, *keystore_maker.chain[1:]))
    diagnosis = maker.look(keystore)
    assert diagnosis.owner is None
    assert find(maker, "owner_unknown", keystore).facts == {"subject": "CN=somebody,C=BE"}


def test_a_certificate_of_another_service_is_not_to_be_completed(maker: Maker) -> None:
    keys = maker.keystore_maker.keys
    bank = name_of(C="BE", CN="Bank CA")
    leaf = maker.keystore_maker.certificate(
        name_of(C="BE", CN="somebody"), keys["authentication"], bank, keys["issuer"]
    )
    found = maker.keys(maker.keystore_maker.prepared.with_chain((leaf,)))
    assert {"owner_unknown", "environment_unknown"} <= set(found)
    assert not {"state_no_etk", "state_ends"} & set(found)


def test_the_chain(maker: Maker, complete: bytes) -> None:
    keystore_maker = maker.keystore_maker
    assert find(maker, "chain_complete", complete).facts == {"count": 3}
    assert "chain_without_root" in maker.keys(keystore_maker.prepared.with_chain(keystore_maker.chain[:2]))
    assert "chain_incomplete" in maker.keys(keystore_maker.prepared.with_chain(keystore_maker.chain[:1]))
    pretender = keystore_maker.certificate(
        keystore_maker.issuer_name,
        keystore_maker.keys["stranger"],
        keystore_maker.root_name,
        keystore_maker.keys["root"],
    )
    broken = keystore_maker.prepared.with_chain((keystore_maker.chain[0], pretender))
    assert find(maker, "chain_broken", broken).severity is Severity.ERROR
    own = keystore_maker.certificate(
        keystore_maker.subject,
        keystore_maker.keys["authentication"],
        keystore_maker.subject,
        keystore_maker.keys["authentication"],
    )
    assert "chain_self_signed" in maker.keys(keystore_maker.prepared.with_chain((own,)))


OID_OF_MD2: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02"
OID_OF_SHA256: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"


def weakly_signed(
    maker: Maker, directory: Path, digest: str, *, by: RSAPrivateKey | None = None
) -> x509.Certificate:
    """The holder's certificate, signed by openssl, since `cryptography` does not sign with what is weak."""
    keystore_maker = maker.keystore_maker
    request = x509.CertificateSigningRequestBuilder().subject_name(keystore_maker.subject)
    files = {
        "leaf.csr": request.sign(keystore_maker.keys["authentication"], SHA256()).public_bytes(Encoding.PEM),
        "ca.pem": keystore_maker.certificate(
            keystore_maker.issuer_name,
            by or keystore_maker.keys["issuer"],
            keystore_maker.root_name,
            keystore_maker.keys["root"],
        ).public_bytes(Encoding.PEM),
        "ca.key": (by or keystore_maker.keys["issuer"]).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
    }
    for name, data in files.items():
        (directory / name).write_bytes(data)
    words = (
        f"x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 77 -days 900 -{digest} -out leaf.pem"
    )
    subprocess.run([need("openssl"), *words.split()], cwd=directory, check=True, capture_output=True)
    return x509.load_pem_x509_certificate((directory / "leaf.pem").read_bytes())


@pytest.mark.parametrize(("digest", "called"), [("sha1", "SHA-1"), ("md5", "MD5")])
def test_a_weak_signature_is_weak_and_still_the_issuers(
    maker: Maker, tmp_path: Path, digest: str, called: str
) -> None:
    keystore_maker = maker.keystore_maker
    keystore = keystore_maker.prepared.with_chain(
        (weakly_signed(maker, tmp_path, digest), *keystore_maker.chain[1:])
    )
    finding = find(maker, "chain_weak", keystore)
    assert finding.severity is Severity.WARNING
    assert finding.facts == {"algorithms": (called,)}
    assert find(maker, "chain_complete", keystore).facts == {"count": 3}
    assert maker.keys(keystore).isdisjoint({"chain_broken", "chain_unchecked"})
    assert {"chain_weak"}.isdisjoint(maker.keys(keystore_maker.prepared.with_chain(keystore_maker.chain)))


def test_a_weak_signature_by_another_key_is_not_the_issuers(maker: Maker, tmp_path: Path) -> None:
    keystore_maker = maker.keystore_maker
    leaf = weakly_signed(maker, tmp_path, "sha1", by=keystore_maker.keys["stranger"])
    assert "chain_broken" in maker.keys(keystore_maker.prepared.with_chain((leaf, *keystore_maker.chain[1:])))


def test_an_uncheckable_signature_is_no_fault(maker: Maker) -> None:
    keystore_maker = maker.keystore_maker
    data = encoded(keystore_maker.chain[0]).replace(OID_OF_SHA256, OID_OF_MD2)
    keystore = keystore_maker.prepared.with_chain(
        (x509.load_der_x509_certificate(data), *keystore_maker.chain[1:])
    )
    finding = find(maker, "chain_unchecked", keystore)
    assert finding.severity is Severity.INFO
    assert finding.facts["algorithm"] == "1.2.840.113549.1.1.2"
    assert "chain_broken" not in maker.keys(keystore)


def test_the_chain_in_the_file(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    backwards = replace(contents, certificates=contents.certificates[::-1])
    assert "chain_order" in maker.keys(backwards)
    rooted = replace(contents, certificates=(*contents.certificates[:1], *contents.certificates[:0:-1]))
    assert "chain_order" not in maker.keys(rooted)


def test_an_issuer_that_has_ended(maker: Maker) -> None:
    keystore_maker = maker.keystore_maker
    short = replace(keystore_maker, end=keystore_maker.start + timedelta(days=10))
    authority = short.certificate(
        keystore_maker.issuer_name,
        keystore_maker.keys["issuer"],
        keystore_maker.root_name,
        keystore_maker.keys["root"],
    )
    keystore = keystore_maker.prepared.with_chain(
        (keystore_maker.chain[0], authority, keystore_maker.chain[2])
    )
    assert find(maker, "chain_expired", keystore).facts["date"] == short.end


def test_a_certificate_that_cannot_be_read(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    nonsense = CertificateBag(b"\x30\x03\x02\x01\x05", attributes_of("nonsense"))
    diagnosis = maker.look(replace(contents, certificates=(*contents.certificates, nonsense)))
    assert diagnosis.opened
    assert diagnosis.certificates == 5
    assert {"damaged_certificate", "certificate_damaged"} <= {finding.key for finding in diagnosis.findings}
    assert diagnosis.not_after == maker.keystore_maker.end  # what can be read is said


def test_the_password_that_is_right_and_not_for_everyone(maker: Maker) -> None:
    contents = maker.keystore_maker.prepared.contents
    unfit = {"": "password_empty", "mot de passé": "password_not_portable", "a\tb": "password_not_portable"}
    for text, key in unfit.items():
        data = write_pkcs12(contents, Secret(text))
        diagnosis = diagnose(data, Secret(text), maker.now)
        assert diagnosis.opened
        assert diagnosis.has(key)
        assert diagnosis.has("java_partly")
        assert text == "" or text not in repr(diagnosis)


def test_certificates_without_end_and_odd_times_do_not_disturb(maker: Maker) -> None:
    keystore_maker = replace(
        maker.keystore_maker, end=maker.keystore_maker.end.replace(year=9999, month=12, day=31)
    )
    endless = replace(maker, keystore_maker=keystore_maker)
    diagnosis = endless.look(keystore_maker.complete)
    assert diagnosis.state is State.COMPLETE
    assert "9999" in diagnosis._repr_html_()


def test_a_name_that_cryptography_warns_of(maker: Maker) -> None:
    keystore_maker = maker.keystore_maker
    with warnings.catch_warnings(action="ignore"):
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "BELGIUM", _validate=False)])
    leaf = keystore_maker.certificate(
        subject,
        keystore_maker.keys["authentication"],
        keystore_maker.issuer_name,
        keystore_maker.keys["issuer"],
    )
    contents = replace(
        keystore_maker.prepared.contents,
        certificates=(CertificateBag(leaf.public_bytes(Encoding.DER), attributes_of("authentication")),),
    )
    assert maker.look(contents).subject == "C=BELGIUM"


def test_a_closed_renewal_with_old_keys_may_still_wait(maker: Maker) -> None:
    """It carries an encryption key before its certificate comes: nothing says that it is whole, or what it lacks."""
    renewal = maker.write(maker.with_old_key(maker.keystore_maker.prepared))
    closed = {finding.key for finding in diagnose(renewal, None, maker.now, name=NAME).findings}
    assert {"closed_with_encryption_key", "size_tells_nothing"} <= closed
    assert "state_prepared" in maker.keys(renewal)

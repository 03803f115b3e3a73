"""What a folder of traced messages has to be: valid by the schemas, and signed so that xmlsec1 agrees."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lxml import etree

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def validate_all(trace: Path, schema: etree.RelaxNG) -> int:
    """Validate every message, and return how many there are: but for those of the STS, whose schemas are OASIS's and
    are held against what is sent in tests/interop/test_sts.py."""
    messages = [path for path in sorted(trace.glob("*.xml")) if "-requestSecurityToken-" not in path.name]
    for message in messages:
        schema.assertValid(etree.fromstring(_bare(message)))
    return len(messages)


def verify_all(trace: Path, folder: Path) -> int:
    """Have xmlsec1 verify every signature, and return how many there are. ``folder``: for its files."""
    verified = 0
    for message in sorted(trace.glob("*-request.xml")):
        payload = etree.fromstring(_bare(message))
        if payload.find(SIGNATURE) is None:
            continue
        bare, name = folder / message.name, etree.QName(payload)
        bare.write_bytes(_bare(message))
        id_attribute = f"{name.namespace}:{name.localname}"
        command = ["xmlsec1", "--verify", "--insecure", "--id-attr:Id", id_attribute, str(bare)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"{message.name}: {done.stderr}"
        verified += 1
    return verified


def _bare(message: Path) -> bytes:
    """What the one child of the body is, without the envelope."""
    body = etree.parse(message).getroot().find(f"{SOAP}Body")
    assert body is not None
    assert len(body) == 1
    return etree.tostring(body[0], with_tail=False)

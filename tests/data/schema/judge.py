"""Write verdicts.json: what the public schemas say of each message in ``messages/``, and of each mutation of it.

    python -m tests.data.schema.judge FOLDER

FOLDER has the public schemas of the eHealth platform (`ehealth-etee/XSD` and the schemas that these import), which are
not part of this project. `tests/ehealth/test_message_schema.py` compares messages.rng with the verdicts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lxml import etree

from tests.data.schema.mutations import mutations

HERE = Path(__file__).parent
SCHEMAS = {
    "urn:be:fgov:ehealth:certra:protocol:v2": "ehealth-certra-schema-protocol-2_0.xsd",
    "urn:be:fgov:ehealth:etkra:protocol:v2": "ehealth-etkra-schema-protocol-2_0.xsd",
    "urn:be:fgov:ehealth:etkdepot:1_0:protocol": "ehealth-etkdepot-schema-protocol-1_0.xsd",
}


def public_schema(folder: Path) -> etree.XMLSchema:
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{(folder / "ehealth-etee" / "XSD" / name).as_uri()}"/>'
        for namespace, name in SCHEMAS.items()
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver))


def main() -> None:
    schema = public_schema(Path(sys.argv[1]).resolve())
    verdicts = {}
    for file in sorted((HERE / "messages").glob("*.xml")):
        message = etree.parse(file).getroot()
        changed = (mutation for _, mutation in mutations(message))
        # One digit for each mutation, in their order: 1 is valid.
        verdicts[file.name] = {
            "valid": schema.validate(message),
            "mutations": "".join(str(int(schema.validate(_again(mutation)))) for mutation in changed),
        }
    (HERE / "verdicts.json").write_text(f"{json.dumps(verdicts, indent=1)}\n", encoding="utf-8")


def _again(message: etree._Element) -> etree._Element:
    """Return the message as it is read from a file: a change may leave what no file can say."""
    return etree.fromstring(etree.tostring(message))


if __name__ == "__main__":
    main()

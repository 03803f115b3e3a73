"""The layout of the card: files, folders, applications and keys, as its manuals give them."""

from __future__ import annotations

from typing import Final

ROOT: Final = bytes.fromhex("3F00")
BELPIC: Final = bytes.fromhex("DF00")
IDENTITY: Final = bytes.fromhex("DF01")
FOLDERS: Final = (ROOT, BELPIC, IDENTITY)

BELPIC_FOLDER: Final = ROOT + BELPIC
IDENTITY_FOLDER: Final = ROOT + IDENTITY

APPLET_AID: Final = bytes.fromhex("A00000003029057000AD13100101FF")
BELPIC_AID: Final = bytes.fromhex("A000000177504B43532D3135")
IDENTITY_AID: Final = bytes.fromhex("A000000177496446696C6573")

APPLICATIONS_FILE: Final = ROOT + bytes.fromhex("2F00")
OBJECTS_FILE: Final = BELPIC_FOLDER + bytes.fromhex("5031")
TOKEN_FILE: Final = BELPIC_FOLDER + bytes.fromhex("5032")
PINS_FILE: Final = BELPIC_FOLDER + bytes.fromhex("5034")
KEYS_FILE: Final = BELPIC_FOLDER + bytes.fromhex("5035")
CERTIFICATES_FILE: Final = BELPIC_FOLDER + bytes.fromhex("5037")
AUTHENTICATION_CERTIFICATE: Final = BELPIC_FOLDER + bytes.fromhex("5038")
SIGNATURE_CERTIFICATE: Final = BELPIC_FOLDER + bytes.fromhex("5039")
CITIZEN_CA_CERTIFICATE: Final = BELPIC_FOLDER + bytes.fromhex("503A")
ROOT_CERTIFICATE: Final = BELPIC_FOLDER + bytes.fromhex("503B")
RRN_CERTIFICATE: Final = BELPIC_FOLDER + bytes.fromhex("503C")

IDENTITY_FILE: Final = IDENTITY_FOLDER + bytes.fromhex("4031")
IDENTITY_SIGNATURE_FILE: Final = IDENTITY_FOLDER + bytes.fromhex("4032")
ADDRESS_FILE: Final = IDENTITY_FOLDER + bytes.fromhex("4033")
ADDRESS_SIGNATURE_FILE: Final = IDENTITY_FOLDER + bytes.fromhex("4034")
PHOTO_FILE: Final = IDENTITY_FOLDER + bytes.fromhex("4035")
ROLES_FILE: Final = IDENTITY_FOLDER + bytes.fromhex("4038")
PREFERENCES_FILE: Final = IDENTITY_FOLDER + bytes.fromhex("4039")
BASIC_KEY_FILE: Final = IDENTITY_FOLDER + bytes.fromhex("4040")

AUTHENTICATION_KEY: Final = 0x82
SIGNATURE_KEY: Final = 0x83

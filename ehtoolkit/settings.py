"""All settings: from ``EHTOOLKIT_*`` variables, overridden by the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal

from platformdirs import user_data_path
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from ehtoolkit import errors
from ehtoolkit.system.files import is_inside

EnvironmentName = Literal["training", "acceptance", "production"]
LanguageName = Literal["fr", "nl", "de", "en"]

DIRECT: Final = "direct"
"""The value for no proxy."""

_SERVERS: Final = ("BINDER_", "JUPYTERHUB_", "CODESPACES", "GITPOD_", "COLAB_", "KAGGLE_")
"""Beginnings of variables that services set which run programs for people who sit elsewhere."""

_OURS: Final = frozenset({"EHTOOLKIT_START_TOKEN", "EHTOOLKIT_START_SOCKET", "EHTOOLKIT_SCREENSHOTS"})
"""Variables that are no settings: of the proxy that starts the pages, and of the tests."""


class Settings(BaseSettings):
    """What a user or an administrator can set. Secrets are never settings.

    ``EHTOOLKIT_HOME`` moves everything that the toolkit keeps; every other field is read from
    ``EHTOOLKIT_<FIELD>``.

    >>> from ehtoolkit import Settings
    >>> Settings(environment="acceptance").keystore_profile
    'compatible'
    """

    model_config = SettingsConfigDict(
        env_prefix="EHTOOLKIT_", env_ignore_empty=True, frozen=True, extra="forbid"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then variables. No files: searching for them takes three quarters of the time."""
        return init_settings, env_settings

    home: Path = Field(default_factory=lambda: user_data_path("ehtoolkit", appauthor=False))
    """Where the registry, notes, the training platform and what was seen in an audit are kept."""

    environment: EnvironmentName = "training"
    """Which platform is spoken to. Production is confirmed before anything is sent."""

    language: LanguageName | None = None
    """None: from the browser or the locale of the terminal."""

    card: str | None = None
    """``training:NAME`` or ``pkcs11:MODULE#READER``, the reader if there are several; None: the training card, or the
    official module."""

    authentication_key: Literal["auto", "ec-p384", "rsa-2048"] = "auto"
    """The kind of key that new certificates are asked for with; auto: EC P-384, and in training the kind of the
    authority that issues the person's certificates."""

    keystore_profile: Literal["compatible", "modern"] = "compatible"
    """How new keystores are protected. compatible: 3DES and HMAC-SHA1, which every BouncyCastle from 1.55 on reads;
    modern: AES-256 and HMAC-SHA256, which BouncyCastle before 1.70, for one, does not read everywhere."""

    keystore_folder: Path | None = None
    """None: ``<home>/training/keystore`` in training, ``~/ehealth/keystore`` elsewhere."""

    platform_url: str | None = None
    """Scheme, host and port of a training server, or of a stand-in for a real environment."""

    platform_token: str | None = None
    """What a training server on another address asks for; not a secret of a user."""

    sender: str | None = Field(
        default=None, max_length=320, pattern=r"^[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
    )
    """An e-mail address for the header ``From`` of messages to the platform, which asks for one; None: none is sent."""

    trace: Path | None = None
    """A folder that gets every message as it crossed the wire. Holds personal data."""

    proxy: str | None = None
    """``http://HOST:PORT`` in place of the proxy that HTTPS_PROXY or the system names (NO_PROXY holds all the same);
    ``direct``: none. A proxy's password is a secret, and therefore in HTTPS_PROXY alone."""

    ca_file: Path | None = None
    """PEM file of authorities to believe beside the operating system's: of a firewall that inspects HTTPS, or of a
    training server."""

    platform_timeout: float = Field(default=30.0, gt=0)
    """Seconds that a connection, and a wait for the next bytes, may take (proven clients: 30)."""

    platform_answer_limit: int = Field(default=4_000_000, gt=0)
    """Bytes of the longest answer that is read."""

    escape_contract_dn: bool = True
    """Send ``TYPE\\=`` inside the contract's DN, as the proven client does; the schema wants it as it came."""

    session_signer: str = Field(default="IAM", min_length=1, max_length=30, pattern=r"^[0-9A-Z_-]+$")
    """How the application id begins in the certificate by which the platform signs sessions: ``IAMACC`` in acceptance;
    of production none was seen."""

    provider_database: str | None = None
    """``postgresql://USER@HOST/NAME`` of a registry of providers that a practice shares; None: a file under ``home``.
    Its password is a secret, and therefore in PostgreSQL's password file alone. A server on another computer has to
    prove itself by TLS (``sslmode=verify-full``)."""

    provider_types: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Further types of providers, as JSON: a key and the digits with which their INAMI numbers may begin."""

    file_timeout: float = Field(default=20.0, gt=0)
    """Seconds that an audit, `keystore show`, `keystore diagnose` and `keystore archive` wait for a file or a folder: a
    network drive that is gone does not answer at all."""

    card_timeout: float = Field(default=3.0, gt=0)
    """Seconds without progress before a call to the card that needs no person is abandoned."""

    card_person_timeout: float = Field(default=90.0, gt=0)
    """The same where a person types a PIN in the middleware's window or on the reader."""

    virtual_reader_port: int = Field(default=35963, ge=1, le=65534)
    """Of the first of the two virtual readers that training cards are plugged into; the second has the next. As in the
    configuration of their driver, vpcd."""

    shared: bool = False
    """This is a server, and its users sit elsewhere: no card of theirs can be read here, and no real keystore is to
    come here. True by itself under JupyterHub and on Binder, and for pages that are served under other names than this
    computer's own; then it cannot be switched off, since a wrong guess would take in someone's keys."""

    base_url: str = "/"
    """The path before every address of the pages, for a server behind a proxy: ``/name/``."""

    allowed_hosts: str = ""
    """Names under which a proxy hands requests on to the pages, as in the header Host (with the port, unless it is the
    usual one), separated by commas. ``*``: any, in requests that bring this start's token in a header, as only the
    proxy can. Empty: this computer's own names alone, and nothing that was handed on."""

    fork_kernels: bool = True
    """Whether the kernels of the pages are forked from one process that has imported what they need, where the system
    can: on Linux. Each then takes two fifths of the memory, and a fifth of the processor's time until its form is
    there."""

    training_delivery: float = Field(default=3600.0, ge=0)
    """Seconds, by the training clock, that the training platform takes to deliver a certificate."""

    sample: bool | None = None
    """Whether pages that need providers begin with invented ones, in training, while there are none; None: in
    ``ehtoolkit demo`` alone."""

    @model_validator(mode="before")
    @classmethod
    def _on_a_server(cls, given: dict[str, object]) -> dict[str, object]:
        elsewhere = any(name.startswith(_SERVERS) for name in os.environ) or bool(given.get("allowed_hosts"))
        return {**given, "shared": True} if elsewhere else given

    @field_validator("home", "keystore_folder", "trace", mode="before")
    @classmethod
    def _some_folder(cls, given: object) -> object:
        """Refuse an empty text, which would be the folder that the user is in: keys would be written there."""
        if given == "":
            raise ValueError("empty")
        return given

    @field_validator("base_url")
    @classmethod
    def _between_slashes(cls, given: str) -> str:
        inner = given.strip("/")
        return f"/{inner}/" if inner else "/"

    @property
    def hosts(self) -> frozenset[str]:
        """`allowed_hosts`, apart."""
        names = (name.strip().lower() for name in self.allowed_hosts.split(","))
        return frozenset(name for name in names if name)

    @property
    def training_folder(self) -> Path:
        """Everything of the embedded training platform: authorities, cards, database, keystores."""
        return self.home / "training"

    @property
    def notes(self) -> Path:
        """The folder with the notes of requests and what was seen of keystores, of this environment."""
        return self.home / "notes" / self.environment

    @property
    def audit_cache(self) -> Path:
        """The folder with the results of earlier scans (`ehtoolkit.auditing.scan.cache`)."""
        return self.home / "audit"

    def is_of_training(self, path: Path) -> bool:
        """Return whether ``path`` lies in the folder of the embedded platform; see `is_inside`."""
        return is_inside(path, self.training_folder)

    def is_by_training_clock(self, path: Path, is_in: Callable[[Path, Path], bool] = is_inside) -> bool:
        """Return whether the training clock applies to a file whose certificate names no environment: to those of the
        embedded platform and, if training was named, to those in the keystore folder."""
        named = self.environment == "training" and "environment" in self.model_fields_set
        return is_in(path, self.training_folder) or (named and is_in(path, self.keystores))

    @property
    def provider_file(self) -> Path:
        """The registry of providers, where no other database is set; invented providers have one of their own."""
        return self.home / ("providers-training.db" if self.environment == "training" else "providers.db")

    @property
    def keystores(self) -> Path:
        """The folder with the keystores of the chosen environment."""
        return self.keystore_folder or self.usual_keystores(self.environment)

    def usual_keystores(self, environment: EnvironmentName) -> Path:
        """Return the folder of an environment's keystores where no other is set; acceptance and production share
        one."""
        if environment == "training":
            return self.training_folder / "keystore"
        return Path.home() / "ehealth" / "keystore"


def unknown_variables() -> dict[str, str | None]:
    """Return the variables of this process that look like settings and are none, each with the setting that was perhaps
    meant: in ``EHTOOLKIT_ENVIROMENT=production`` a letter is missing, and without a word it would be training."""
    prefix = str(Settings.model_config["env_prefix"])
    known = [f"{prefix}{name}".upper() for name in Settings.model_fields]
    ours = sorted(name for name in os.environ if name.upper().startswith(prefix))
    unknown = [name for name in ours if name.upper() not in (*known, *_OURS)]
    return {name: next(iter(get_close_matches(name.upper(), known, 1)), None) for name in unknown}


def load_settings(**overrides: object) -> Settings:
    """Return the settings of this process, with ``overrides`` that are not None put over the variables.

    Raises `errors.SettingInvalid` with the name of the first field that is wrong, and for what cannot be had on a
    server that is shared: another environment than training, and a card in a reader.

    >>> from ehtoolkit import errors, load_settings
    >>> load_settings(language="fr").language
    'fr'
    >>> try:
    ...     load_settings(environment="nowhere")
    ... except errors.SettingInvalid as error:
    ...     print(error.facts)
    {'setting': 'environment'}
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise errors.SettingInvalid(setting="".join(map(str, error.errors()[0]["loc"][:1]))) from error
    except SettingsError as error:  # of the one variable that is JSON, and is none
        raise errors.SettingInvalid(setting="provider_types") from error
    if settings.shared and settings.environment != "training":
        raise errors.SettingInvalid(setting="environment", reason="shared_environment")
    if settings.shared and (settings.card or "").partition(":")[0] == "pkcs11":
        raise errors.SettingInvalid(setting="card", reason="shared_card")
    return settings

"""A record of the registry on one line."""

from __future__ import annotations

from ehtoolkit.cli.provider.registry_session import RegistrySession
from ehtoolkit.providers import Provider


def types_of(at: RegistrySession, record: Provider) -> str:
    texts = at.session.texts
    return ", ".join(
        texts.get(f"registry.type.{kind}") if texts.has(f"registry.type.{kind}") else kind
        for kind in record.types
    )


def certificate_of(at: RegistrySession, record: Provider) -> str:
    texts, keystore = at.session.texts, record.keystore
    if keystore is None:
        return texts.get("cli.provider.certificate.none")
    if keystore.not_after is None:
        return texts.get("cli.provider.certificate.unread")
    state = "over" if keystore.not_after < at.now else "until"
    return texts.get(f"cli.provider.certificate.{state}", date=keystore.not_after)

"""Apply the rules of an audit to all keystores, folders and records together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.rules import keystores, providers
from ehtoolkit.auditing.rules.providers import ProviderKeystore
from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.auditing.scan.discovery import DiscoveredFiles


def joint_findings(
    seen: Sequence[AuditedKeystore],
    listed: DiscoveredFiles,
    joined: Sequence[ProviderKeystore],
    options: AuditOptions,
) -> list[AuditFinding]:
    """Return the findings that need more than one file: about folders, files beside each other, and providers."""
    of_holder: dict[str, list[AuditedKeystore]] = {}
    numbers = {provider.record.niss for provider in joined}
    for keystore in seen:
        if keystore.holder is not None and keystore.holder.value in numbers:
            of_holder.setdefault(keystore.holder.text, []).append(keystore)
    found = [
        *keystores.unlisted(listed.unlisted),
        *keystores.empty_folders(listed.empty, options.unnamed),
        *keystores.several_of_holder(seen),
        *keystores.same_key(seen),
        *keystores.silent_issuers(seen),
    ]
    for provider in joined:
        found += providers.about_provider(provider, of_holder, options)
        found += providers.record_findings(provider, options)
    found += providers.shared_keystores(joined)
    records = [provider.record for provider in joined]
    found += providers.unassigned(seen, records, frozenset(owners_of(joined)))
    return found


def owners_of(joined: Sequence[ProviderKeystore]) -> dict[str, tuple[int, str]]:
    """Return the number and name of the provider that each file is assigned to. Of several providers it is the holder,
    else the first."""
    return {
        provider.seen.file: provider.provider
        for provider in _holders_last(joined)
        if provider.seen is not None
    }


def practices_of(joined: Sequence[ProviderKeystore]) -> Mapping[object, str]:
    """Return the practice of each provider, by the provider's number, and of each assigned keystore, by its file. Of
    several providers it is the practice of the holder, else of the first."""
    found: dict[object, str] = {}
    for provider in _holders_last(joined):
        if provider.record.practice:
            found[provider.record.id] = provider.record.practice
            if provider.seen is not None:
                found[provider.seen.shown] = provider.record.practice
    return found


def _holders_last(joined: Sequence[ProviderKeystore]) -> list[ProviderKeystore]:
    """Return the providers, holders again at the end: the last one of a file is its holder, else the first."""
    return [*reversed(joined), *(provider for provider in joined if provider.is_of_holder)]

"""The registry, on SQLite and on PostgreSQL: what is kept, found, changed, and refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ehtoolkit import errors
from ehtoolkit.providers import Assignment, Period, Provider, Registry, open_registry
from ehtoolkit.providers.merging import MergeResult
from ehtoolkit.settings import Settings

END = datetime(2029, 2, 18, 9, 30, tzinfo=UTC)


def test_a_record_comes_back_as_it_was(registry: Registry, settings: Settings, elise: Provider) -> None:
    added = registry.add(elise)
    assert added == replace(elise, recognition_number="BE12", id=added.id, version=1)
    with open_registry(settings) as again:
        assert again.get(added.id or 0) == added
        assert list(again.providers()) == [added]
        assert again.count() == 1


def test_what_is_typed_is_tidied(registry: Registry) -> None:
    added = registry.add(
        Provider(
            "  De   Smet ",
            niss="80.01.01-123.45",
            inami="1/23456/78/004",
            enterprise_number="0486.132.722",
            periods=(Period("doctor", date(2021, 1, 1)), Period("doctor", date(2020, 1, 1))),
        )
    )
    assert (added.name, added.niss, added.inami) == ("De Smet", "80010112345", "12345678004")
    assert added.types == ("doctor",)
    assert [period.start.year for period in added.periods] == [2020, 2021]
    assert registry.get(added.id or 0) == added


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Provider(" "), "name"),
        (Provider("x" * 201), "long"),
        (Provider("De\x1bSmet"), "characters"),
        (Provider("De Smet", practice="a\0b"), "characters"),
        (Provider("De\ud800Smet"), "characters"),
    ],
)
def test_what_cannot_be_kept_is_refused(registry: Registry, record: Provider, reason: str) -> None:
    with pytest.raises(errors.RecordInvalid) as raised:
        registry.add(record)
    assert raised.value.facts["reason"] == reason
    assert registry.count() == 0


def test_one_record_for_a_niss(registry: Registry, elise: Provider) -> None:
    registry.add(elise)
    other = registry.add(Provider("Other"))
    registry.add(Provider("Third"))  # nobody's number is not a number
    with pytest.raises(errors.ProviderExists):
        registry.add(Provider("Double", niss=elise.niss))
    with pytest.raises(errors.ProviderExists):
        registry.save(replace(other, niss=elise.niss))
    assert registry.count() == 3
    assert registry.get(other.id or 0) == other


def test_two_people_do_not_overwrite_each_other(registry: Registry, elise: Provider) -> None:
    mine = yours = registry.add(elise)
    saved = registry.save(replace(mine, practice="Mine"))
    assert (saved.practice, saved.version) == ("Mine", 2)
    with pytest.raises(errors.ProviderChanged) as raised:
        registry.save(replace(yours, periods=()))
    assert raised.value.facts == {"name": "Élise Vandamme"}
    assert registry.get(mine.id or 0) == saved
    assert registry.save(replace(saved, periods=())).periods == ()


def test_a_record_that_is_gone_is_not_saved(registry: Registry, elise: Provider) -> None:
    added = registry.add(elise)
    registry.assign(added.id or 0, Assignment("/k.p12"))
    registry.remove(added.id or 0)
    with pytest.raises(errors.ProviderChanged):
        registry.save(added)
    with pytest.raises(errors.ProviderUnknown):
        registry.get(added.id or 0)
    with pytest.raises(errors.ProviderUnknown):
        registry.remove(added.id or 0)
    assert registry.history(added.id or 0) == ()
    assert registry.add(elise).periods == elise.periods


@pytest.mark.parametrize(
    "text",
    [
        *(
            "79031421872",
            "79.03.14-218.72",
            "53886171521",
            "5/38861/71",
            "vandamme",
            "ELISE",
            "élise vand",
            "tilleuls",
        ),
        *("#1", "1"),
    ],
)
def test_a_provider_is_found_by(registry: Registry, elise: Provider, text: str) -> None:
    added = registry.add(elise)
    registry.add(Provider("Peeters", "Jan", niss="80010112345"))
    assert registry.find(text) == added


@pytest.mark.parametrize(
    "text", ["", " ", "nobody", "99", "79031421873", "100%", "_", "#99999999999999999999"]
)
def test_who_is_not_there_is_not_found(registry: Registry, elise: Provider, text: str) -> None:
    registry.add(elise)
    with pytest.raises(errors.ProviderUnknown):
        registry.find(text)


@pytest.mark.parametrize("text", ["\udcff", "a\0b"])
def test_what_is_no_text_is_in_no_record(registry: Registry, elise: Provider, text: str) -> None:
    """Names of files need not be text: one that is renamed is followed by nobody, and keeps nobody from following
    others."""
    registry.add(elise)
    assert registry.search(text) == ()
    with pytest.raises(errors.ProviderUnknown):
        registry.find(text)
    assert registry.relocate(f"/{text}.p12", "/k.p12") == ()
    with pytest.raises(errors.RecordInvalid):
        registry.merge([replace(elise, keystore=Assignment(f"/{text}.p12"))])


def test_several_are_not_one(registry: Registry, elise: Provider) -> None:
    registry.add(elise)
    registry.add(Provider("Vandamme", "Luc"))
    with pytest.raises(errors.ProviderAmbiguous) as raised:
        registry.find("vandamme")
    assert raised.value.facts["count"] == 2
    assert [record.first_names for record in registry.search("vandamme")] == ["Élise", "Luc"], "É is an E"
    assert len(registry.search("vandamme", limit=1)) == 1


def test_many_are_gone_through_once_each(registry: Registry) -> None:
    registry.merge([Provider(f"N{number % 7}", f"F{number}", niss=f"x{number}") for number in range(2500)])
    found = list(registry.providers())
    assert len({provider.id for provider in found}) == registry.count() == len(found) == 2500
    assert [provider.name for provider in found] == sorted(provider.name for provider in found)


def test_all_records_are_of_one_state(registry: Registry) -> None:
    """Someone renames the last one, and removes another, while all of them are gone through."""
    registry.merge([Provider(f"B{number:05}", "x") for number in range(2001)])
    going = registry.providers()
    names = [next(going).name]
    registry.save(replace(registry.find("B02000"), name="A first"))
    registry.remove(registry.find("B01999").id or 0)
    names += [provider.name for provider in going]
    assert names == [f"B{number:05}" for number in range(2001)]
    assert next(registry.providers()).name == "A first"


def test_a_keystore_is_assigned_and_replaced_and_removed(registry: Registry, elise: Provider) -> None:
    added = registry.add(elise)
    first = registry.assign(added.id or 0, Assignment("/old.p12", "AB", "SSIN=79031421872", END))
    assert first.keystore is not None
    assert first.keystore.not_after == END
    assert first.keystore.assigned_at is not None
    assert datetime.now(UTC) - first.keystore.assigned_at < timedelta(minutes=1)
    second = registry.assign(added.id or 0, Assignment("/new.p12", "CD"))
    assert second.keystore is not None
    assert (second.keystore.path, second.keystore.not_after) == ("/new.p12", None)
    same = registry.assign(added.id or 0, Assignment("/new.p12", "CD", "SSIN=79031421872", END))
    assert same.keystore is not None
    assert same.keystore.not_after == END
    assert [(change.path, change.ended_at is None) for change in registry.history(added.id or 0)] == [
        ("/new.p12", True),
        ("/old.p12", False),
    ]
    assert registry.unassign(added.id or 0).keystore is None
    assert registry.unassign(added.id or 0).keystore is None
    assert [change.ended_at is None for change in registry.history(added.id or 0)] == [False, False]


def test_saving_a_record_leaves_its_keystore(registry: Registry, elise: Provider) -> None:
    added = registry.add(elise)
    assigned = registry.assign(added.id or 0, Assignment("/k.p12"))
    assert registry.save(replace(added, practice="Elsewhere")).keystore == assigned.keystore


def test_a_missing_provider_gets_no_keystore(registry: Registry) -> None:
    with pytest.raises(errors.ProviderUnknown):
        registry.assign(7, Assignment("/k.p12"))
    with pytest.raises(errors.RecordInvalid):
        registry.assign(registry.add(Provider("A")).id or 0, Assignment("/k\udcff.p12"))


def test_merging_completes_and_never_takes_away(registry: Registry, elise: Provider) -> None:
    registry.add(elise)
    newcomer = Provider(
        "Vandamme",
        niss=elise.niss,
        practice="Cabinet des Érables",
        periods=(
            Period("physiotherapist", date(2020, 1, 1), date(2025, 1, 31), "53886171521"),
            Period("podiatrist", date(2025, 2, 1), None, "53886171521"),
        ),
    )
    merged = registry.merge([newcomer, Provider("Peeters", inami="1-23456-04-004")])
    assert (merged.added, merged.changed, merged.unchanged) == (1, 1, 0)
    record = registry.find(elise.niss)
    assert (record.first_names, record.practice, record.types) == (
        "Élise",
        "Cabinet des Érables",
        ("physiotherapist", "podiatrist"),
    )
    assert [(period.start, period.end) for period in record.periods] == [
        (date(2015, 9, 1), date(2019, 12, 31)),
        (date(2020, 1, 1), date(2025, 1, 31)),
        (date(2025, 2, 1), None),
    ]
    again = registry.merge([newcomer, Provider("Peeters", inami="12345604004")])
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert registry.find(elise.niss) == record


def test_one_person_twice_among_the_newcomers_is_one(registry: Registry, elise: Provider) -> None:
    """By the NISS and by the INAMI number: both bring something, and both of it is kept."""
    registry.add(elise)
    merged = registry.merge(
        [
            Provider("Vandamme", niss=elise.niss, practice="Elsewhere"),
            Provider("Vandamme", inami=elise.inami, recognition_number="77"),
        ]
    )
    assert (merged.added, merged.changed) == (0, 1)
    record = registry.find(elise.niss)
    assert (record.practice, record.recognition_number) == ("Elsewhere", "77")
    assert registry.count() == 1


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("turned", [False, True])
def test_with_and_without_niss_the_inami_number_tells(
    registry: Registry, elise: Provider, at_once: bool, turned: bool
) -> None:
    """Who comes first, and whether both come together, changes nothing."""
    both = [
        Provider("Vandamme", inami=elise.inami, recognition_number="77"),
        Provider("Vandamme", niss=elise.niss, inami=elise.inami, practice="Elsewhere"),
    ]
    if turned:
        both.reverse()
    for some in [both] if at_once else [both[:1], both[1:]]:
        registry.merge(some)
    (record,) = registry.providers()
    assert (record.niss, record.inami) == (elise.niss, elise.inami)
    assert (record.practice, record.recognition_number) == ("Elsewhere", "77")
    assert registry.merge(both) == MergeResult(unchanged=1)


def test_an_inami_number_in_common_makes_no_one_of_two(registry: Registry, elise: Provider) -> None:
    """Of two with a NISS the first gets the record without one, and nobody loses a NISS."""
    registry.add(Provider("Vandamme", inami=elise.inami))
    two = [
        Provider("Vandamme", niss=elise.niss, inami=elise.inami),
        Provider("Peeters", niss="80010112345", inami=elise.inami),
    ]
    assert registry.merge(two) == MergeResult(added=1, changed=1)
    assert registry.merge(two[::-1]) == MergeResult(unchanged=2)
    assert {(provider.name, provider.niss) for provider in registry.providers()} == {
        (provider.name, provider.niss) for provider in two
    }


@pytest.mark.parametrize("known", [True, False])
def test_a_keystore_that_any_of_several_rows_has_is_kept(
    registry: Registry, elise: Provider, known: bool
) -> None:
    if known:
        registry.add(elise)
    plain = Provider("Vandamme", niss=elise.niss, inami=elise.inami)
    with_keystore = replace(plain, keystore=Assignment("/k.p12"))
    registry.merge([plain, with_keystore, replace(with_keystore, niss="", keystore=None)])
    (record,) = registry.providers()
    assert record.keystore is not None
    assert record.keystore.path == "/k.p12"


def test_without_any_number_the_name_tells(registry: Registry) -> None:
    registry.merge([Provider("D'Hondt", "José")])
    assert registry.merge([Provider("d'hondt", "JOSE", practice="P")]).changed == 1
    assert registry.merge([Provider("D'Hondt", "Josée")]).added == 1
    assert registry.merge([Provider("D'Hondt", "José", date(1980, 1, 1))]).added == 1
    assert registry.count() == 3


def test_a_merge_that_fails_leaves_nothing(registry: Registry, elise: Provider) -> None:
    with pytest.raises(errors.RecordInvalid):
        registry.merge([elise, Provider("")])
    assert registry.count() == 0

"""``ehtoolkit provider``, as a practice uses it: records, periods, the keystore of a training certificate, CSV."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.providers.importing import MOST_ROWS
from ehtoolkit.settings import load_settings

Call = Callable[..., tuple[int, dict[str, Any]]]
ELISE = (
    "--name",
    "Vandamme",
    "--first-names",
    "Élise",
    "--niss",
    "79.03.14-218.72",
    "--birth-date",
    "14/03/1979",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def elise(call: Call) -> dict[str, Any]:
    code, answer = call("provider", "add", *ELISE, "--type", "Kinésithérapeute", "--inami", "5/38861/71/521")
    assert code == 0
    return answer


def findings(answer: dict[str, Any]) -> set[str]:
    return {finding["key"] for finding in answer["findings"]}


def test_a_record_from_the_first_to_the_last(call: Call, elise: dict[str, Any]) -> None:
    assert (elise["id"], elise["niss"], elise["birth_date"]) == (1, "79031421872", "1979-03-14")
    assert elise["types"] == ["physiotherapist"]
    assert findings(elise) == {"period_none", "certificate_none"}

    period = ("--start", "2020-01-01", "--inami", "5/38861/71/521", "--conventioned", "ja")
    code, answer = call("provider", "period", "add", "vandamme", *period)
    assert code == 0
    expected = {"number": 1, "type": "physiotherapist", "start": "2020-01-01", "end": None}
    assert answer["periods"] == [{**expected, "inami": "53886171521", "conventioned": "yes"}]

    code, answer = call(
        "provider", "period", "change", "#1", 1, "--end", "31/12/2020", "--conventioned", "no"
    )
    assert (answer["periods"][0]["end"], answer["periods"][0]["conventioned"]) == ("2020-12-31", "no")
    code, answer = call("provider", "show", "79031421872")
    assert code == 1
    (over,) = (finding for finding in answer["findings"] if finding["severity"] == "error")
    assert over["key"] == "period_over"
    code, answer = call("provider", "period", "change", "1", 1, "--end", "")
    assert answer["periods"][0]["end"] is None
    assert call("provider", "show", "elise")[0] == 0

    code, answer = call("provider", "change", "1", "--practice", "Cabinet Les Tilleuls", "--language", "fr")
    assert (answer["practice"], answer["language"], answer["name"]) == (
        "Cabinet Les Tilleuls",
        "fr",
        "Vandamme",
    )
    assert len(call("provider", "list", "tilleuls")[1]["providers"]) == 1
    assert call("provider", "list", "erables")[1] == {"providers": []}

    assert call("provider", "period", "remove", "1", 1)[1]["periods"] == []
    assert call("provider", "remove", "1", "--yes") == (0, {"removed": 1})
    code, answer = call("provider", "show", "1")
    assert (code, answer["error"]) == (1, "provider_unknown")


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("add", "--niss", "1"), 2, "record_invalid"),
        (("add", "--name", "A", "--birth-date", "31/02/2000"), 2, "record_invalid"),
        (("add", "--name", "A", "--type", "astronaut"), 2, "provider_type_unknown"),
        (("add", *ELISE), 1, "provider_exists"),
        (("show", "nobody"), 1, "provider_unknown"),
        (("remove", "1"), 2, "option_missing"),
        (("period", "add", "1"), 2, "record_invalid"),
        (("period", "add", "1", "--start", "soon"), 2, "record_invalid"),
        (("period", "add", "1", "--start", "2020-01-01", "--conventioned", "x"), 2, "usage"),
        (("period", "remove", "1", 7), 1, "period_unknown"),
        (("assign", "1"), 1, "keystore_unfit"),
        (("assign", "1", "none.p12"), 1, "keystore_not_found"),
        (("import", "none.csv"), 2, "file_unreadable"),
        (("export", "-o", "none/none.csv"), 2, "folder_missing"),
    ],
)
def test_errors_are_reported(
    call: Call, elise: dict[str, Any], arguments: tuple[object, ...], code: int, error: str
) -> None:
    done, answer = call("provider", *arguments)
    assert (done, answer["error"]) == (code, error)
    assert answer["message"]
    assert [provider["id"] for provider in call("provider", "list")[1]["providers"]] == [1]


def test_a_password_in_the_address_is_refused_and_not_repeated(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_PROVIDER_DATABASE", "postgresql://u:Geheim-1@127.0.0.1/registry")
    code, answer = call("provider", "list")
    assert (code, answer["error"]) == (2, "setting_invalid")
    assert "Geheim-1" not in json.dumps(answer)
    assert ".pgpass" in answer["next"]


def test_the_keystore_of_a_first_certificate(
    call: Call, ask: Call, secrets: dict[str, Path], elise: dict[str, Any], home: Path
) -> None:
    code, asked = ask()
    assert code == 0
    password = ("--password-file", secrets["password"])
    code, answer = call("provider", "assign", "elise", *password)
    assert (code, answer["error"], answer["facts"]["reason"]) == (1, "keystore_unfit", "waiting")

    call("training", "clock", "+2h")
    code, complete = call("certificate", "complete", asked["keystore"], *password)
    assert code == 0
    code, answer = call("provider", "assign", "elise", "--password-file", secrets["accented"])
    assert (code, answer["error"]) == (1, "keystore_password_wrong")
    code, answer = call("provider", "assign", "elise", *password)
    assert code == 0
    keystore = answer["keystore"]
    assert (keystore["file"], keystore["holder"]) == (asked["keystore"], "SSIN=79031421872")
    assert keystore["key_id"] == complete["key_id"]
    assert keystore["not_after"][:19] == complete["not_after"][:19]
    assert "certificate_valid" in findings(answer)

    # Three years and more later by the training clock the record says so by itself.
    call("training", "clock", "+35mo")
    assert "certificate_ends" in findings(call("provider", "show", "1")[1])
    call("training", "clock", "+2mo")
    assert "certificate_over" in findings(call("provider", "show", "1")[1])

    call("provider", "add", "--name", "Peeters", "--niss", "80010112345")
    code, answer = call("provider", "assign", "peeters", asked["keystore"], *password)
    assert (code, answer["facts"]["reason"]) == (1, "other")
    code, answer = call("provider", "assign", "peeters", asked["keystore"], *password, "--insist")
    assert code == 0
    assert "certificate_other_niss" in findings(answer)

    code, answer = call("provider", "assign", "elise", "--remove")
    assert answer["keystore"] is None
    (former,) = call("provider", "show", "1")[1]["history"]
    assert former["file"] == asked["keystore"]
    assert former["ended_at"] is not None
    assert Path(asked["keystore"]).is_file()
    kept = (home / "providers-training.db").read_bytes()
    assert b"Kine-2026" not in kept
    assert "mot de passé".encode() not in kept


def test_the_current_keystore_is_the_new_one_once_a_renewal_is_complete(
    call: Call, ask: Call, secrets: dict[str, Path], elise: dict[str, Any]
) -> None:
    password = ("--password-file", secrets["password"])
    first = ask()[1]["keystore"]
    call("training", "clock", "+2h")
    call("certificate", "complete", first, *password)
    call("training", "clock", "+35mo")
    renewing = ("certificate", "renew", first, "--accept-terms", "--pin-file", secrets["pin"], *password)
    second = call(*renewing)[1]["keystore"]
    assigned = []
    for verb in ("status", "complete", "activate"):
        call("certificate", verb, second, *password)
        assigned.append(call("provider", "assign", "elise", *password)[1]["keystore"]["file"])
        call("training", "clock", "+1d")
    assert assigned == [first, first, second]


def test_without_its_password_a_file_is_assigned_by_what_shows(
    call: Call, ask: Call, secrets: dict[str, Path], elise: dict[str, Any]
) -> None:
    asked = ask()[1]
    call("training", "clock", "+2h")
    call("certificate", "complete", asked["keystore"], "--password-file", secrets["password"])
    code, answer = call("provider", "assign", "1")
    assert code == 0
    assert answer["keystore"]["file"] == asked["keystore"]
    assert {"certificate_unread", "certificate_valid"} & findings(answer) == {"certificate_unread"}


def test_a_file_that_is_no_keystore_is_never_assigned(
    call: Call, elise: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "SSIN=79031421872 20261124-130000.p12"
    path.write_bytes(b"half a file")
    code, answer = call("provider", "assign", "1", path, "--insist")
    assert (code, answer["facts"]["reason"]) == (1, "unreadable")


def test_out_and_in_again(
    call: Call, elise: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("provider", "period", "add", "1", "--start", "2020-01-01", "--inami", "5-38861-71-521")
    call("provider", "add", "--name", "=HYPERLINK(1)", "--niss", "80010112345")
    file = tmp_path / "out.csv"
    assert call("provider", "export", "-o", file) == (0, {"file": str(file), "providers": 2})
    before = call("provider", "list")[1]
    code, answer = call("provider", "import", file)
    assert (code, answer["added"], answer["changed"], answer["unchanged"]) == (0, 0, 0, 2)
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "other"))
    assert call("provider", "import", file, "--dry-run")[1]["imported"] is False
    assert call("provider", "list")[1] == {"providers": []}
    assert call("provider", "import", file)[1]["added"] == 2
    after = call("provider", "list")[1]

    def content(answer: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in provider.items() if name != "id"}
            for provider in answer["providers"]
        ]

    assert content(after) == content(before)


def test_wrong_rows_are_reported_and_the_others_offered(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "in.csv"
    file.write_text("Nom;NISS;Début;Type\nLegrand;1;31/02/2020;Médecin\nPetit;80010112345;1/2/2020;Arts\n")
    code, answer = call("provider", "import", file)
    assert (code, answer["refused"], answer["providers"], answer["imported"]) == (1, 1, 1, False)
    (row,) = answer["rows"]
    assert (row["line"], row["column"], row["reason"]) == (2, "start", "date")
    assert call("provider", "list")[1] == {"providers": []}
    assert run(["provider", "import", str(file), "--lang", "nl", "--skip-wrong"]) == 1
    shown = capsys.readouterr()
    assert "Regel 2 (Begin): die datum bestaat niet" in shown.err
    assert "Nieuwe fiches: 1" in shown.out
    assert [provider["name"] for provider in call("provider", "list")[1]["providers"]] == ["Petit"]


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_table_that_is_too_long_is_refused_before_it_is_read(call: Call, tmp_path: Path, end: str) -> None:
    file = tmp_path / "long.csv"
    file.write_text(f"name;niss{end}" + f"x;1{end}" * (MOST_ROWS + 1), newline="")
    code, answer = call("provider", "import", file)
    assert (code, answer["facts"]["reason"], answer["facts"]["limit"]) == (2, "rows", MOST_ROWS)
    assert answer["message"].startswith("The table")
    assert "page" not in answer["message"] + answer["next"]
    assert call("provider", "list")[1] == {"providers": []}


def test_in_sentences(capsys: pytest.CaptureFixture[str], elise: dict[str, Any]) -> None:
    period = ["--start", "01/02/2020", "--inami", "5-41207-35-527"]
    assert run(["provider", "period", "add", "1", *period, "--lang", "fr"]) == 0
    assert "La fiche n°\u00a01 de Élise Vandamme est enregistrée." in capsys.readouterr().out
    assert run(["provider", "show", "1", "--lang", "de", "--verbose"]) == 1
    shown = capsys.readouterr().out
    assert "1.  01/02/2020 – …  Physiotherapeut  54120735527" in shown
    assert "Fehler: Die LIKIV-Nummer des Zeitraums 1 ist falsch" in shown
    assert "In Ordnung: Heute gilt der Zeitraum" in shown
    assert run(["provider", "list", "--findings", "--lang", "en"]) == 1
    assert "no eHealth certificate" in capsys.readouterr().out
    assert run(["provider", "export", "--comma"]) == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.startswith("name,first_names,birth_date,")
    assert row.startswith("Vandamme,Élise,1979-03-14,")


def test_registries_of_training_and_of_real_life_are_apart(
    call: Call, elise: dict[str, Any], home: Path
) -> None:
    assert call("provider", "list", "--environment", "production")[1] == {"providers": []}
    assert load_settings(environment="production").provider_file == home / "providers.db"
    assert (home / "providers.db").is_file()

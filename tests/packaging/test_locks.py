"""locks/: one complete lock for each environment, with the hashes of all files, in step with pyproject.toml."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import dev
from docs import licences
from tests.keystore.other_programs import missing
from tests.packaging.environments import create_copied, locked

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "locks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENVIRONMENTS = PROJECT["tool"]["ehtoolkit"]["locks"]


def requirements(sources: Iterable[str]) -> Iterator[Requirement]:
    """Return what pyproject.toml asks for in these sources: words of `uv pip compile`."""
    words = iter(sources)
    for word in words:
        if word == "--group":
            yield from group(next(words))
        elif word == "--extra":
            yield from extra(next(words))
        elif word == "--all-extras":
            for name in PROJECT["project"]["optional-dependencies"]:
                yield from extra(name)
        elif word == "--resolution":
            next(words)
        else:
            assert word == "pyproject.toml"
            yield from map(Requirement, PROJECT["project"]["dependencies"])


def extra(name: str) -> Iterator[Requirement]:
    yield from map(Requirement, PROJECT["project"]["optional-dependencies"][name])


def group(name: str) -> Iterator[Requirement]:
    requirement: Any
    for requirement in PROJECT["dependency-groups"][name]:
        if isinstance(requirement, str):
            yield Requirement(requirement)
        else:
            yield from group(requirement["include-group"])


def test_each_lock_is_in_step_with_pyproject() -> None:
    assert {file.stem for file in LOCKS.glob("*.lock")} == ENVIRONMENTS.keys()
    for name, sources in ENVIRONMENTS.items():
        versions = locked(name)
        for wanted in requirements(sources):
            version = versions.get(canonicalize_name(wanted.name))
            assert version is not None, (name, wanted.name, "run python dev.py lock")
            assert version in wanted.specifier, (name, wanted.name, "run python dev.py lock")


def test_the_lowest_versions_are_the_lower_bounds() -> None:
    """A bound below what the other requirements allow could be tested by no environment."""
    versions = locked("lowest")
    bounds = {
        canonicalize_name(wanted.name): Version(specifier.version)
        for wanted in requirements(ENVIRONMENTS["lowest"])
        for specifier in wanted.specifier
        if specifier.operator == ">="
    }
    assert bounds == {name: versions[name] for name in bounds}


def test_the_groups_build_what_the_build_system_requires() -> None:
    wanted = set(PROJECT["build-system"]["requires"])
    assert wanted <= set(PROJECT["dependency-groups"]["build"])


def test_a_package_has_one_version_in_all_locks_but_the_lowest() -> None:
    versions: dict[str, set[Version]] = {}
    for name in ENVIRONMENTS.keys() - {"lowest"}:
        for package, version in locked(name).items():
            versions.setdefault(package, set()).add(version)
    assert {package for package, several in versions.items() if len(several) > 1} == set()


def test_this_environment_is_that_of_the_lock() -> None:
    installed = locked("tests", here=True) | locked("readers", here=True)
    assert len(installed) > 100
    assert installed == {name: Version(distribution(name).version) for name in installed}


def test_tools_of_a_release_are_in_no_other_environment() -> None:
    for name in ENVIRONMENTS.keys() - {"release"}:
        assert not {"cyclonedx-bom", "pip-audit", "twine"} & locked(name).keys()


def test_the_table_of_debian_packages_can_be_read() -> None:
    rows = dev.system_packages(long=True)
    assert {(len(row), *row[2:]) for row in rows} == {(2,), (3, "optional"), (3, "long")}
    assert len({row[0] for row in rows}) == len(rows) > 20
    short = dev.system_packages(long=False)
    assert [row for row in rows if row not in short] == [["firefox-esr", "firefox-esr", "long"]]


def test_every_file_that_can_be_installed_has_its_hash() -> None:
    for path in LOCKS.glob("*.lock"):
        text = path.read_text(encoding="utf-8")
        assert text.count("--hash=sha256:") >= text.count("==")


def test_no_lock_names_a_place() -> None:
    """Where packages come from is for pip and npm to know, on each computer its own."""
    places = [*LOCKS.iterdir(), *(ROOT / "binder").iterdir(), ROOT / "dev.py"]
    for path in places:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|--registry", text), path.name


def test_the_script_of_the_browser_s_tests_is_locked_too() -> None:
    wanted = json.loads((LOCKS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = json.loads((LOCKS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert wanted == packages[""]["dependencies"]
    for name, version in wanted.items():
        found = packages[f"node_modules/{name}"]
        assert found["version"] == version
        assert found["integrity"].startswith("sha512-")
        assert "resolved" not in found


@pytest.mark.parametrize(
    ("install", "complaint"), [("pip", "DO NOT MATCH THE HASHES"), ("uv", "Hash mismatch")]
)
def test_another_file_of_the_same_name_and_version_is_not_installed(
    tmp_path: Path, install: str, complaint: str
) -> None:
    """What a false index would give."""
    folder, environment = tmp_path / "wheels", tmp_path / "venv"
    folder.mkdir()
    create_copied(environment, ())
    wheel = folder / "click-9.9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {
            "click.py": "",
            "click-9.9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: click\nVersion: 9.9.9\n",
            "click-9.9.9.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "click-9.9.9.dist-info/RECORD": "",
        }.items():
            archive.writestr(name, text)
    true = hashlib.sha256(wheel.read_bytes()).hexdigest()
    python, uv = environment / "bin" / "python", Path(sys.executable).with_name("uv")
    if install == "uv":
        if not uv.exists():
            missing("uv in the environment of the tests (dev.py)")
        command: list[str | Path] = [
            uv,
            "pip",
            "install",
            "--python",
            python,
            "--no-config",
            "--offline",
            "--reinstall",
        ]
    else:
        command = [python, "-m", "pip", "--isolated", "install", "--force-reinstall"]
    for digest, expected in ((true, 0), ("0" * 64, 1)):
        lock = tmp_path / "some.lock"
        lock.write_text(f"click==9.9.9 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
        wanted: list[str | Path] = ["--no-index", "--find-links", folder, "--require-hashes", "-r", lock]
        done = subprocess.run([*command, *wanted], capture_output=True, text=True)
        assert done.returncode == expected, done.stderr
    assert complaint in done.stderr


def test_everything_is_installed_by_its_hash() -> None:
    """dev.py and Binder give pip and uv hashes, or the checkout without anything that it needs."""
    by_dev = [dev.fetching_uv(["pip"]), *dev.installing(["tests"], ["uv", "pip", "install"])]
    installing = [[str(word) for word in command] for command in by_dev]
    script = (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")
    installing += [line.split() for line in script.splitlines() if "pip" in line]
    assert len(installing) == 4
    for command in installing:
        assert "--require-hashes" in command or {"--no-deps", "--no-build-isolation"} <= set(command), command
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "--require-hashes",
        "-r ../locks/binder.lock",
    ]


def test_the_list_of_licences_is_up_to_date() -> None:
    page = licences.page()
    assert (ROOT / "docs" / "LICENCES.md").read_text(encoding="utf-8") == page, "run python docs/licences.py"
    assert "not stated" not in page
    always, _, with_card = page.partition("## Always installed")[2].partition("## With the extra `card`")
    assert not re.findall(r"^- .*\bA?GPL", always, re.MULTILINE)
    assert "- GPL-2.0-or-later: pykcs11\n" in with_card


@pytest.mark.parametrize(
    ("version", "enough"), [((3, 10, 14), False), ((3, 11, 0), True), ((3, 13, 0), True)]
)
def test_a_python_that_is_too_old_for_the_pins_is_named(version: tuple[int, int, int], enough: bool) -> None:
    complaint = dev.complaint_about(version)
    assert (complaint == "") is enough
    if not enough:
        assert f"need Python {oldest()} or newer; this is {'.'.join(map(str, version))}." in complaint


def test_the_oldest_python_is_that_of_the_project_and_the_documents_name_it() -> None:
    assert PROJECT["project"]["requires-python"] == f">={oldest()}"
    for page in ("README.md", "CONTRIBUTING.md", "docs/INSTALL.md"):
        assert f"Python {oldest()} or newer" in (ROOT / page).read_text(encoding="utf-8"), page


def oldest() -> str:
    return ".".join(map(str, dev.OLDEST_PYTHON))


def test_every_extra_is_in_the_documents() -> None:
    """With its licence in the table of INSTALL.md, and with its packages in LICENCES.md."""
    extras = set(PROJECT["project"]["optional-dependencies"])
    installation = (ROOT / "docs" / "INSTALL.md").read_text(encoding="utf-8")
    licences = (ROOT / "docs" / "LICENCES.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", installation, re.M)) == extras
    assert set(re.findall(r"^## With the extra `(\w+)`$", licences, re.M)) == extras

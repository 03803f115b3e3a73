"""locks/: everything that is installed for the demo, the tests and Binder, with the hashes of its files, in step with
pyproject.toml and constraints.txt, and from no named place."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.keystore.others import missing
from tests.packaging.environments import create_copied
from tests.packaging.test_constraints import needed, pinned

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "locks"
OTHER_SYSTEMS = frozenset({"appnope", "colorama", "pywin32-ctypes", "pywinpty"})
"""Not installed on Linux, where constraints.txt is made."""
_ENTRY = re.compile(
    r"^(?P<requirement>[A-Za-z].*?) \\\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


@pytest.fixture(scope="module")
def dev() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(part: str) -> Iterator[Requirement]:
    """The requirements of a lock; nothing else may stand in it."""
    text = (LOCKS / f"{part}.lock").read_text(encoding="utf-8")
    heading, _, rest = text.partition("\n")
    assert heading == f"# {part}, written by dev.py lock."
    assert _ENTRY.sub("", rest) == ""
    for found in _ENTRY.finditer(rest):
        yield Requirement(found["requirement"])


def locked(parts: Iterable[str]) -> dict[str, Version]:
    """Name and version of all in these parts."""
    found: dict[str, Version] = {}
    for part in parts:
        for one in entries(part):
            (specifier,) = one.specifier
            assert specifier.operator == "=="
            name, version = str(canonicalize_name(one.name)), Version(specifier.version)
            assert found.setdefault(name, version) == version
    return found


def test_the_locks_are_in_step_with_what_is_asked_for(dev: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    asked = {
        "run": project["project"]["dependencies"],
        "build": [*project["build-system"]["requires"], *dev.EDITABLE],
        "card": extras["card"],
        "dev": [*extras["dev"], *extras["cluster"], *extras["postgresql"]],
        "binder": dev.BINDER,
    }
    assert tuple(asked) == dev.PARTS
    for number, (part, texts) in enumerate(asked.items(), 1):
        there = locked(dev.PARTS[:number])
        for one in map(Requirement, texts):
            if one.name == "ehtoolkit":
                continue
            version = there.get(str(canonicalize_name(one.name)))
            assert version is not None, (part, one.name, "run python dev.py lock")
            assert version in one.specifier, (part, one.name, "run python dev.py lock")


def test_the_locks_have_the_versions_of_the_constraints_and_all_of_them(dev: ModuleType) -> None:
    there = locked(dev.PARTS)
    assert {name: version for name, version in there.items() if name not in OTHER_SYSTEMS} == pinned()
    assert there.keys() - pinned().keys() == OTHER_SYSTEMS


@pytest.mark.parametrize(
    ("extras", "parts"),
    [((), ("run",)), (("card",), ("run", "card")), (("dev",), ("run", "build", "card", "dev"))],
)
def test_a_part_has_all_that_it_needs(extras: tuple[str, ...], parts: tuple[str, ...]) -> None:
    names = set(needed("ehtoolkit", frozenset(extras), set())) - {"ehtoolkit"}
    assert names <= locked(parts).keys()


def test_no_package_is_in_two_locks(dev: ModuleType) -> None:
    assert sum(len(locked([part])) for part in dev.PARTS) == len(locked(dev.PARTS))


def test_what_installs_the_others_is_locked_alone(dev: ModuleType) -> None:
    there, wanted = locked(["uv"]), Requirement(dev.UV)
    assert set(there) == {wanted.name}
    assert there[wanted.name] in wanted.specifier, "run python dev.py lock"
    assert wanted.name not in locked(dev.PARTS)


def test_what_a_release_is_checked_with_is_locked_apart(dev: ModuleType) -> None:
    """Whole, in the versions of the tests where both have a package; and none of its tools is in their environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    there = locked(["release"])
    for one in map(Requirement, (*dev.RELEASE, *project["build-system"]["requires"])):
        version = there.get(str(canonicalize_name(one.name)))
        assert version is not None, (one.name, "run python dev.py lock")
        assert version in one.specifier, (one.name, "run python dev.py lock")
    assert {name: version for name, version in there.items() if pinned().get(name, version) != version} == {}
    assert not {"cyclonedx-bom", "pip-audit", "twine"} & locked(dev.PARTS).keys()


def test_what_a_hub_needs_is_locked_too(dev: ModuleType) -> None:
    """Beyond the program, what builds it, and Binder; in the versions of the tests where both have a package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    there = locked(["run", "build", "binder", "hub"])
    for one in map(Requirement, (*dev.HUB, *project["project"]["optional-dependencies"]["postgresql"])):
        version = there.get(str(canonicalize_name(one.name)))
        assert version is not None, (one.name, "run python dev.py lock")
        assert version in one.specifier, (one.name, "run python dev.py lock")
    assert {name: version for name, version in there.items() if pinned().get(name, version) != version} == {}


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
        command = [uv, "pip", "install", "--python", python, "--no-config", "--offline", "--reinstall"]
    else:
        command = [python, "-m", "pip", "--isolated", "install", "--force-reinstall"]
    for digest, expected in ((true, 0), ("0" * 64, 1)):
        lock = tmp_path / "some.lock"
        lock.write_text(f"click==9.9.9 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
        wanted = ["--no-index", "--find-links", folder, "--require-hashes", "-r", lock]
        done = subprocess.run([*command, *wanted], capture_output=True, text=True)
        assert done.returncode == expected, done.stderr
    assert complaint in done.stderr


def test_uv_has_packages_from_where_pip_has_them(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://index.example/simple\ntrusted-host = a.example\n  b.example\n"
        "cert = /etc/ours.pem\ntimeout = 7\n[install]\nfind-links = /one\n  /two\n",
        encoding="utf-8",
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_CERT", "/etc/others.pem")
    monkeypatch.setenv("PIP_PROXY", "http://proxy.example:3128")
    found = dev.settings_of_pip()

    assert found == {
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "UV_INSECURE_HOST": "a.example b.example",
        "UV_FIND_LINKS": "/one,/two",
        "SSL_CERT_FILE": "/etc/others.pem",
        "ALL_PROXY": "http://proxy.example:3128",
    }


def test_everything_is_installed_by_its_hash(dev: ModuleType) -> None:
    """Whatever dev.py and Binder hand to pip or uv: with hashes, or a folder of ours without anything that it needs."""
    parts = ["run", "build", "card", "dev"]
    ours = [one for install in (dev.INSTALL, dev.INSTALL_BY_UV) for one in dev.installing(parts, install)]
    installing = [[str(part) for part in one] for one in (dev.fetching_uv(), *ours)]
    installing += [
        line.split() for line in (ROOT / "binder" / "postBuild").read_text().splitlines() if "pip" in line
    ]
    assert len(installing) == 6
    for one in installing:
        assert "--require-hashes" in one or {"--no-deps", "--no-build-isolation"} <= set(one), one
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "--require-hashes",
        *(f"-r ../locks/{part}.lock" for part in ("run", "build", "binder")),
    ]


@pytest.mark.parametrize(
    ("version", "enough"), [((3, 10, 14), False), ((3, 11, 2), False), ((3, 11, 5), True), ((3, 13, 0), True)]
)
def test_a_python_that_is_too_old_for_the_pins_is_named(
    dev: ModuleType, version: tuple[int, int, int], enough: bool
) -> None:
    """Debian 12 has 3.11.2, which is enough for ehtoolkit and not for the pinned packages."""
    complaint = dev.complaint_about(version)
    assert (complaint == "") is enough
    if not enough:
        assert (
            f"need Python {dev.OLDEST_PYTHON} or newer; this is {'.'.join(map(str, version))}." in complaint
        )


def test_the_oldest_python_is_what_the_pins_need_and_the_documents_name(dev: ModuleType) -> None:
    stated = [one.metadata["Requires-Python"] or "" for one in distributions()]
    found = {Version(text) for each in stated for text in re.findall(r">=\s*(3\.\d+(?:\.\d+)?)", each)}
    assert max(found) == Version(dev.OLDEST_PYTHON)
    assert f"Python {dev.OLDEST_PYTHON} or newer" in (ROOT / "docs" / "INSTALL.md").read_text(
        encoding="utf-8"
    )

"""Programs that others wrote, and what they make of a keystore: each answers with the keys that it can use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ehtoolkit.secret import Secret

JAVA = Path(__file__).with_name("java") / "Keystores.java"
MONO = Path(__file__).with_name("mono") / "Keystores.cs"
JARS = [Path("/usr/share/java") / f"{name}.jar" for name in ("bcprov", "bcpkix", "bcutil")]
BRIEFLY = "-XX:TieredStopAtLevel=1"
"""An option of Java's for what ends before its second compiler is worth its work: two thirds of the processor."""
PACKAGES = {
    "javac": "default-jdk-headless",
    "keytool": "default-jdk-headless",
    "openssl": "openssl",
    "pk12util": "libnss3-tools",
    "certtool": "gnutls-bin",
    "mcs": "mono-mcs, libmono-security4.0-cil",
}

_GNUTLS_KEY = re.compile(
    r"(?:Friendly name: ([^\n]*)\n)?(?:\s*Key ID: [^\n]*\n)?"
    r"(-----BEGIN[A-Z ]* PRIVATE KEY-----.*?-----END[A-Z ]* PRIVATE KEY-----)",
    re.DOTALL,
)

Opened = Mapping[str, str] | None
"""Alias → kind (``key``, ``secret`` or ``certificate``); None for a file that the program does not open."""


def need(program: str) -> str:
    """Return the program; skip the test where it is not installed."""
    if shutil.which(program) is None:
        missing(f"{program} ({PACKAGES[program]})")
    return program


def missing(what: str) -> None:
    pytest.skip(f"not installed: {what}")


def run(*command: object, accept: Iterable[int] = (0,), cwd: Path | None = None) -> str | None:
    """What a program wrote to both its outputs; None when it ends otherwise than accepted."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=100,
        cwd=cwd,
    )
    return done.stdout.decode(errors="replace") if done.returncode in accept else None


def compile_java(source: Path, folder: Path, path: str = "") -> None:
    """Put the classes of a program into a folder. ``path``: where Java looks for those of others."""
    done = run(need("javac"), f"-J{BRIEFLY}", "-cp", path, "-d", folder, source)
    assert done is not None


@dataclass(frozen=True)
class Java:
    """The test program for Java and BouncyCastle, compiled."""

    classes: Path

    @classmethod
    def compiled(cls, folder: Path) -> Java:
        for jar in JARS:
            if not jar.exists():
                missing(f"{jar} (libbcprov-java, libbcpkix-java)")
        compile_java(JAVA, folder, cls.path())
        return cls(folder)

    @staticmethod
    def path(*more: Path) -> str:
        return os.pathsep.join(str(jar) for jar in (*JARS, *more))

    def call(self, *arguments: object, briefly: bool = False) -> str:
        options = [BRIEFLY] if briefly else []
        command = ["java", *options, "-Duser.language=en", "-cp", self.path(self.classes), "Keystores"]
        done = run(*command, *arguments)
        assert done is not None, arguments
        return done

    def write(self, jobs: Iterable[Sequence[object]], folder: Path) -> None:
        """Write keystores again, all in one run; a job is what the program says."""
        listed = folder / "jobs.txt"
        listed.write_text("".join("\t".join(map(str, job)) + "\n" for job in jobs), encoding="utf-8")
        self.call("write", listed)

    def open(self, files: Collection[Path], secret: Path) -> Mapping[tuple[str, Path], Opened]:
        """Provider and file → what it opened; the verdict of a key is proven by a signature."""
        found: dict[tuple[str, Path], dict[str, str] | None] = {}
        for line in self.call("open", secret, *files, briefly=len(files) == 1).splitlines():
            if line.count("\t") != 5:
                continue
            file, provider, alias, kind, _, verdict = line.split("\t")
            entries = found.setdefault((provider, Path(file)), {})
            if kind == "end":
                found[provider, Path(file)] = entries if verdict == "ok" else None
            elif entries is not None:
                entries[alias] = kind if verdict == "ok" else verdict
        return found


def mono_keys(files: Sequence[Path], secret: Path, folder: Path) -> list[str]:
    """Of each file the number of private keys that Mono opens, or what it says instead."""
    program = folder / "Keystores.exe"
    assert run(need("mcs"), "-r:Mono.Security", f"-out:{program}", MONO) is not None
    shown = run("mono", program, secret, *files)
    assert shown is not None
    return [line.split("\t")[1] for line in shown.splitlines()]


def openssl_keys(file: Path, secret: Path) -> Opened:
    """Names of the private keys that openssl decrypts; ``2``, ``3``, … for those without one."""
    shown = run(
        *(
            need("openssl"),
            "pkcs12",
            "-legacy",
            "-in",
            file,
            "-passin",
            f"file:{secret}",
            "-noenc",
            "-nocerts",
        )
    )
    if shown is None:
        return None
    parts = re.split(r"-----END PRIVATE KEY-----\n?", shown)[:-1]
    names = [re.search(r"friendlyName: (.*)", part) for part in parts]
    return {name[1] if name else str(number): "key" for number, name in enumerate(names, 1)}


def nss_keys(file: Path, secret: Path, folder: Path) -> Opened:
    """Names of the private keys after an import into an empty database of NSS."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database = f"sql:{folder}"
    assert run("certutil", "-N", "-d", database, "--empty-password") is not None
    done = run(need("pk12util"), "-i", file, "-w", secret, "-d", database)
    listed = run("certutil", "-K", "-d", database, accept=(0, 255))
    assert listed is not None
    names = re.findall(r"^< *\d+> +\w+ +[0-9a-f]{40} +(.*)$", listed, re.MULTILINE)
    return dict.fromkeys((name.strip() for name in names), "key") if done is not None else None


def gnutls_keys(file: Path, password: Secret) -> Opened:
    """Names of the private keys in what GnuTLS shows, each of which it must then decrypt; ``2``, ``3``, … for
    those without one."""
    given = ("--password", password.reveal())
    shown = run(need("certtool"), "--p12-info", "--inder", "--infile", file, *given)
    if shown is None:
        return None
    names: dict[str, str] = {}
    for number, (name, block) in enumerate(_GNUTLS_KEY.findall(shown), 1):
        options = ("--pkcs8", *given) if "ENCRYPTED" in block else ()
        done = subprocess.run(
            ["certtool", "--key-info", *options], input=block, capture_output=True, text=True, check=False
        )
        if done.returncode == 0 and any(word in done.stdout.lower() for word in ("modulus", "curve")):
            names[name or str(number)] = "key"
    return names

"""Build the documentation in the four languages: ``python docs/build_site.py [FOLDER]``, by default into docs/_build.

Each language is a site of its own, with its own search; a warning of Sphinx ends the build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parent
MERMAID: Final = DOCS.parent / ".cache/npm/node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"
STARTS: Final = {"en": "index", "fr": "start/fr", "nl": "start/nl", "de": "start/de"}
REDIRECT: Final = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>ehtoolkit</title>
<meta http-equiv="refresh" content="0; url={address}"></head>
<body><a href="{address}">ehtoolkit</a></body></html>
"""


def build(language: str, target: Path) -> int:
    """Build the pages of a language and return the exit code of Sphinx."""
    options = ["--builder", "html", "--fail-on-warning", "--keep-going", "--quiet"]
    doctrees = ["--doctree-dir", str(target / "doctrees" / language)]
    environment = {**os.environ, "EHTOOLKIT_DOCS_LANGUAGE": language}
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *options, *doctrees, str(DOCS), str(target / language)],
        env=environment,
        check=False,
    ).returncode


def main(target: Path) -> int:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        codes = list(pool.map(lambda language: build(language, target), STARTS))
    if any(codes):
        return max(codes)
    for language, start in STARTS.items():
        if start != "index":
            redirect = REDIRECT.format(language=language, address=f"{start}.html")
            (target / language / "index.html").write_text(redirect, encoding="utf-8")
        shutil.copyfile(MERMAID, target / language / "_static" / MERMAID.name)
    (target / "index.html").write_text(
        REDIRECT.format(language="en", address="en/index.html"), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(main(Path(sys.argv[1])))
    shutil.rmtree(DOCS / "_build", ignore_errors=True)
    sys.exit(main(DOCS / "_build"))

"""The command's entry: answers ``--version`` before anything is imported."""

from __future__ import annotations

import sys


def main() -> None:
    if sys.argv[1:] == ["--version"]:
        from ehtoolkit.version import __version__

        sys.stdout.write(f"ehtoolkit {__version__}\n")
        return
    try:
        from ehtoolkit.system.garbage import look_for_garbage_seldom

        look_for_garbage_seldom()
        from ehtoolkit.cli.run import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before a command is at work
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()

"""The command line: thin. Parse, call, print; the contract of names, JSON and exit codes is in docs/CLI.md."""

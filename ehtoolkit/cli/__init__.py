"""The command line: parse, call, print. Names, JSON and exit codes are a contract, in docs/CLI.md."""

"""``ehtoolkit completion``: what makes a shell complete commands and options."""

from __future__ import annotations

import os
import re
from typing import Final

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class

from ehtoolkit.cli.app import COMPLETION, app
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session

_POWERSHELL: Final = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = $commandAst.ToString()
    $env:COMP_CWORD = $wordToComplete
    try {
        %(prog_name)s | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD
    }
}
"""


class PowerShellComplete(ShellComplete):
    """Completion for PowerShell 5 and 7, which click does not have."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        typed = re.findall(r'"([^"]*)"|(\S+)', os.environ.get("COMP_WORDS", ""))
        words = [quoted or bare for quoted, bare in typed][1:]
        incomplete = os.environ.get("COMP_CWORD", "")
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        return f"{item.value}\t{item.help or ''}"


add_completion_class(PowerShellComplete)


@command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
def completion(session: Session, shell: str) -> None:
    found = get_completion_class(shell)
    if found is None:
        raise LookupError(shell)
    source = found.source_template % found(app, {}, "ehtoolkit", COMPLETION).source_vars()
    session.result_lines({"shell": shell, "script": source}, (source.removesuffix("\n"),))

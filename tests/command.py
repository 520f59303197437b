"""The command line as a stranger meets it, called within the process."""

import sys

from simkcc import cli


def call(capsys, monkeypatch, *arguments: object) -> tuple[int, str, str]:
    """Return exit code, output and error of a command."""
    monkeypatch.setattr(sys, "argv", ["simkcc", *map(str, arguments)])
    code = 0
    try:
        cli.main()
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err

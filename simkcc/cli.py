"""The command line: parse, call, print. Exit 0 fine, 1 the input is wrong, 2 usage."""

import errno
import sys

import typer

from simkcc.commands.breakeven import breakeven
from simkcc.commands.check import check
from simkcc.commands.cliff import cliff
from simkcc.commands.fit import fit
from simkcc.commands.importing import import_logs
from simkcc.commands.interruptions import interruptions
from simkcc.commands.listen import listen
from simkcc.commands.lists import metrics, schema, validate
from simkcc.commands.required import required
from simkcc.commands.rollout import rollout
from simkcc.commands.screen import PROGRESS
from simkcc.commands.study import compare, run
from simkcc.commands.sweep import sweep
from simkcc.commands.tally import tally
from simkcc.commands.wallboard import wallboard
from simkcc.errors import SimkccError

app = typer.Typer(
    name="simkcc", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Simulate municipal contact centres, and compare ways of routing and staffing them.",
)  # fmt: skip

COMMANDS = (
    check, run, compare, rollout, breakeven, sweep, cliff, interruptions, required, fit, wallboard, listen,
    tally, metrics, schema, validate,
)  # fmt: skip

for command in COMMANDS:
    app.command()(command)
app.command("import")(import_logs)


FULL = (errno.ENOSPC, errno.EDQUOT)
"""Errors of a disk that holds no more: of nobody's making, so a sentence and no traceback."""

INTERRUPTED = 130
"""What Ctrl-C exits with, by the custom of shells."""


def main() -> None:
    """Run the command line; a mistake of the user is one sentence and exit code 1."""
    try:
        code = app(standalone_mode=False)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        raise SystemExit(code if isinstance(code, int) else 0)
    except SimkccError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        sys.stderr.write(f"Interrupted: {PROGRESS.sentence}; {PROGRESS.kept}.\n")
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except OSError as error:
        if error.errno not in FULL:
            raise
        sys.stderr.write(f"{error.filename or 'output'}: cannot be written ({error.strerror})\n")
        raise SystemExit(1) from None
    except Exception as error:
        _usage(error)


def _usage(error: Exception) -> None:
    """Show a mistake in the use of the command line; let anything else through."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if code is None:
        raise error
    if show is not None:
        show()
    raise SystemExit(code)

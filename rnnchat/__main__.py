"""The way in: run a command, and turn whatever goes wrong into one sentence and an exit code.

Exit codes: 0 done, 1 could not, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

import click

from rnnchat.errors import RnnchatError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    _prepare_streams()
    code = run(sys.argv[1:] if arguments is None else list(arguments))
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line; return its exit code."""
    try:
        code = _invoke(arguments)
        sys.stdout.flush()  # here, so that a full disk or a closed pipe is met where it can be told
        return code
    except click.exceptions.Exit as stop:
        return _flushed(stop.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        _abandon_stdout()  # the reader, such as `head`, has seen enough: no fault
        return 0
    except Exception as error:
        return _flushed(_report(error))


def _invoke(arguments: list[str]) -> int:
    from rnnchat.cli import app

    if "_RNNCHAT_COMPLETE" in os.environ:
        from click.shell_completion import shell_complete

        return shell_complete(app, {}, "rnnchat", "_RNNCHAT_COMPLETE", os.environ["_RNNCHAT_COMPLETE"])
    # Not app.main(): that one answers a closed pipe with exit code 1 before we see it.
    with app.make_context("rnnchat", arguments) as context:
        app.invoke(context)
    return 0


def _report(error: Exception) -> int:
    """Print one sentence about `error`; return the exit code."""
    from rnnchat.hygiene import clean

    sentence, code = _sentence(error)
    if os.environ.get("RNNCHAT_DEBUG") not in (None, "", "0"):
        import traceback

        traceback.print_exception(error)
    try:
        sys.stderr.write(f"rnnchat: {clean(sentence, 'line')}\n")
        sys.stderr.flush()
    except (OSError, AttributeError):  # stderr may be closed, too
        _abandon(sys.stderr)
    return code


def _sentence(error: Exception) -> tuple[str, int]:
    if isinstance(error, RnnchatError):
        return str(error), error.exit_code
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx else "rnnchat"
        return f"{_lower(error.format_message())}; {where} --help shows how", 2
    if isinstance(error, click.ClickException):
        return _lower(error.format_message()), 1
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT) and error.filename is None:
        _abandon_stdout()
        return "cannot write the output because the disk is full; free some space and try again", 1
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"something went wrong inside rnnchat ({what:.300}); please report it, RNNCHAT_DEBUG=1 shows where", 1


def _lower(message: str) -> str:
    """Make click's message a part of our sentence."""
    message = " ".join(message.split()).rstrip(".")
    return message[:1].lower() + message[1:]


def _flushed(code: int) -> int:
    """Return `code`, or what it becomes when the rest of the output cannot be written."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_stdout()
    except OSError as error:
        return _report(error)
    return code


def _prepare_streams() -> None:
    """Make sure that there are three streams, and that no character stops them."""
    for name, mode, errors in (("stdin", "r", "replace"), ("stdout", "w", "backslashreplace"), ("stderr", "w", "")):
        stream = getattr(sys, name)
        if stream is None:  # closed by `>&-`: else the next file opened would become our output
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif errors and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _abandon_stdout() -> None:
    _abandon(sys.stdout)


def _abandon(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, so that the interpreter's last flush finds no fault."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


if __name__ == "__main__":
    main()

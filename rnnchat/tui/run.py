"""The app and the terminal: taken over at the start, given back whatever happens."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

from prompt_toolkit.application import create_app_session_from_tty

from rnnchat.tui.app import App

PATIENCE = 0.02  # seconds that who leaves waits for a prediction on its way
SIGNALS = {signal.SIGTERM: 143, signal.SIGHUP: 129}


def run(make_app: Callable[[], App], from_tty: bool = False) -> int:
    """Show an app until it is left; return the exit code.

    Args:
        make_app: makes the app, once the terminal is chosen.
        from_tty: standard input is no terminal, so the keys come from /dev/tty.

    Raises:
        RnnchatError: what make_app raises.
    """
    with create_app_session_from_tty() if from_tty else nullcontext():
        app = make_app()
        try:
            code = asyncio.run(show(app))
        except (EOFError, OSError) as error:
            if isinstance(error, OSError) and error.errno != errno.EIO:
                raise
            code = SIGNALS[signal.SIGHUP]  # the terminal is gone
        finally:
            app.keeper.keep_last()
            app.keeper.close()
            ended = [worker.stop(PATIENCE) for worker in (app.desk.worker, app.desk.disk)]
    if not all(ended):
        leave_at_once(code)
    return code


async def show(app: App) -> int:
    """Show the app in the running loop; return its exit code.

    A mistake of ours ends the app, so that the terminal is given back before anything is told.
    """
    loop = asyncio.get_running_loop()
    application = app.application

    def fail(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception) and application.future and not application.future.done():
            application.exit(exception=error)

    def begin() -> None:
        app.desk.start(loop)
        app.begin()

    loop.set_exception_handler(fail)
    for number, code in SIGNALS.items():
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not on the main thread
            loop.add_signal_handler(number, app.exit, code)
    return await application.run_async(pre_run=begin, set_exception_handler=False)


def leave_at_once(code: int) -> None:
    """Leave without the interpreter's clearing up, which would take away what a thread is still using."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

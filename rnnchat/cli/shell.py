"""`rnnchat shell`: ghost text in your own shell."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from rnnchat.cli.output import emit, print_table, say

SHELLS = ("zsh", "bash", "fish")
RC_FILES = {"zsh": "~/.zshrc", "bash": "~/.bashrc", "fish": "~/.config/fish/config.fish"}


@click.group()
def command() -> None:
    """Suggestions in your own shell, from your history and from a network that knows commands.

    Put this at the end of your rc file: eval "$(rnnchat shell init zsh)".
    """


@command.command("init")
@click.argument("shell", type=click.Choice(SHELLS))
@click.option(
    "--file", "as_file", is_flag=True, help="Write the script to a file that starts faster; say how to use it."
)
def init(shell: str, as_file: bool) -> None:
    """Print the script that your rc file evaluates."""
    from rnnchat.shell.script import make_script, write_script

    if as_file:
        path = write_script(shell)
        say(f"put this at the end of {RC_FILES[shell]}:")
        click.echo(f"source {shlex.quote(str(path))}")
        return

    click.echo(make_script(shell), nl=False)
    if sys.stdout.isatty():
        line = f'eval "$(rnnchat shell init {shell})"' if shell != "fish" else "rnnchat shell init fish | source"
        say(f"this is for your rc file: put {line} at the end of {RC_FILES[shell]}")


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(as_json: bool) -> None:
    """Tell whether the daemon runs, and what it knows. Exit code 1 where it does not run."""
    import json
    import time

    from rnnchat.shell.client import no_answer, try_ask
    from rnnchat.shell.endpoints import lock_holder
    from rnnchat.shell.folder import run_folder

    answer = try_ask("status")
    facts = {"running": answer is not None, "folder": str(run_folder()), **(json.loads(answer[0]) if answer else {})}
    if as_json:
        emit(facts)
    elif answer is None and lock_holder(run_folder()) is not None:
        say(no_answer(run_folder()))
    elif answer is None:
        say("the daemon does not run; a shell with the plugin starts it, and so does rnnchat shell start")
    else:
        minutes = (time.time() - facts["since"]) / 60
        rows = [
            ("daemon", f"runs for {minutes:,.0f} minutes, process {facts['pid']}, version {facts['version']}"),
            ("history", f"{facts['commands']:,} commands, {facts['different']:,} different"),
            ("network", "loaded" if facts["network"] else "none could be loaded; the history alone suggests"),
            ("suggestions", f"{facts['answered']:,} given for {facts['requests']:,} requests"),
            ("memory", f"{facts['megabytes']:.0f} MB"),
            ("folder", facts["folder"]),
        ]
        print_table(("what", "value"), rows)
    if answer is None:
        sys.exit(1)


@command.command("start")
def start() -> None:
    """Start the daemon; shells with the plugin do so by themselves."""
    from rnnchat.shell.client import start_daemon

    say(f"the daemon runs as process {start_daemon()}")


@command.command("stop")
def stop() -> None:
    """Stop the daemon; the next prompt of a shell with the plugin starts it again."""
    from rnnchat.shell.client import stop_daemon

    said = {"": "no daemon was running", "asked": "stopped the daemon", "killed": "ended the daemon, which hung"}
    say(said[stop_daemon()])


@command.command("forget")
@click.argument("line", metavar="COMMAND")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(line: str, yes: bool) -> None:
    """Take a command out of history and ranking for good, given exactly as it was typed."""
    from rnnchat.errors import ShellError, UsageError
    from rnnchat.shell.client import start_daemon, try_ask

    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("forgetting needs a yes; give --yes where nobody can be asked")
        if not click.confirm("Forget this command for good?", err=True):
            return
    start_daemon()
    answer = try_ask("forget", line, seconds=30.0)
    if answer is None:
        raise ShellError("the daemon did not answer; rnnchat shell doctor looks for the reason")
    if answer[0] == "0":
        raise ShellError("the history holds no such command; it must be given exactly as it was typed")
    say(f"forgotten; it stood there {answer[0]} times; your shell's own history file may hold it still")


@command.command("learn")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[HISTORY_FILE...]")
@click.option("--import-only", is_flag=True, help="Count the commands; train no network.")
@click.option("--minutes", type=click.FloatRange(0.1, 600), default=4.0, show_default=True, help="To train for.")
@click.option("--wait", is_flag=True, help="Train here and now instead of in the background.")
def learn(files: tuple[Path, ...], import_only: bool, minutes: float, wait: bool) -> None:
    """Import your shells' history, and train the network on it in the background.

    Without files those of zsh, bash and fish are read where they usually are.
    """
    from rnnchat.cli.shell_learn import import_files, train_network

    import_files(files)
    if not import_only:
        train_network(minutes, wait)


@command.command("doctor")
def doctor() -> None:
    """Look for what is wrong, and say how to mend it. Exit code 1 where something is."""
    from rnnchat.shell.doctor import examine

    wrong = False
    for finding in examine():
        wrong = wrong or not finding.fine
        click.echo(f"{'ok' if finding.fine else 'WRONG':6}{finding.what}")
        if finding.advice:
            click.echo(f"      {finding.advice}")
    if wrong:
        sys.exit(1)

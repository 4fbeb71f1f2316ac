"""The command line: one file a command, imported only when that command runs."""

from __future__ import annotations

import click

from rnnchat import __version__
from rnnchat.cli.output import add_plain, plain_option

# name → module with a function `command`, and the line that --help shows without importing it
COMMANDS = {
    "write": ("rnnchat.cli.write", "Write in a file, with suggestions as you type."),
    "complete": ("rnnchat.cli.complete", "What comes next after a text."),
    "chat": ("rnnchat.cli.chat", "Talk, a line at a time."),
    "sessions": ("rnnchat.cli.sessions", "Saved conversations: list, show, search, export, delete."),
    "generate": ("rnnchat.cli.generate", "Free text from a prompt."),
    "train": ("rnnchat.cli.train", "Learn from your own text."),
    "evaluate": ("rnnchat.cli.evaluate", "Measure a model on a text."),
    "models": ("rnnchat.cli.models", "List, show, remove, export, import; choose the default."),
    "corpora": ("rnnchat.cli.corpora", "Texts to train on: bundled and public ones."),
    "shell": ("rnnchat.cli.shell", "Suggestions in your own shell: zsh, bash, fish."),
    "config": ("rnnchat.cli.config", "Settings: list, get, set, path."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and not for --help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None where there is no such name."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        add_plain(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names, or say which name is near."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise click.UsageError(_no_command(name), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _no_command(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
    return f"no command {name!a:.80}" + (f", did you mean {near[0]}?" if near else "")


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@plain_option
@click.version_option(__version__, message="rnnchat %(version)s")
@click.pass_context
def app(ctx: click.Context) -> None:
    """A small recurrent network that finishes what you write and talks with you.

    Nothing leaves this machine. Without a command the full-screen app opens; without a terminal, or in a pipe, the
    conversation starts a line at a time.
    """
    if ctx.invoked_subcommand is None:
        from rnnchat.cli.write import can_show, open_app

        if can_show():
            open_app()
        chat = app.get_command(ctx, "chat")
        assert chat is not None
        with chat.make_context("chat", [], parent=ctx) as inner:
            chat.invoke(inner)

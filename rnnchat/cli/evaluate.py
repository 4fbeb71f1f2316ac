"""`rnnchat evaluate`: measure a model on a text."""

from __future__ import annotations

import click

from rnnchat.cli.output import emit, print_table, say


@click.command("evaluate", help="Measure MODEL on the text in FILE: nats per character, keystrokes saved, latency.")
@click.argument("model")
@click.argument("file")
@click.option("--memory", type=click.Choice(["full", "message", "none"]), help="What the model may remember.")
@click.option("--characters", type=click.IntRange(100), default=4_000, show_default=True, help="How much is typed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(model: str, file: str, memory: str | None, characters: int, as_json: bool) -> None:
    """Read the file, measure, print."""
    from rnnchat.cli.options import chosen_settings
    from rnnchat.complete import Completer
    from rnnchat.quality import evaluate
    from rnnchat.text import read_documents

    completer = Completer.load(model, chosen_settings(memory=memory).memory)
    documents = ("\n".join(turn.text for turn in document.turns) for document in read_documents([file]))
    text = "\n".join(documents)
    say(f"measuring {model} on {len(text):,} characters of {file}")
    figures = evaluate(completer, model, text, characters)
    if as_json:
        emit(figures)
        return
    latency = figures.pop("latency_ms")
    rows = [(name, f"{value:.4f}" if isinstance(value, float) else str(value)) for name, value in figures.items()]
    rows += [(f"latency_ms {name}", f"{value:.2f}") for name, value in latency.items()]
    print_table(("figure", "value"), rows)

"""`rnnchat complete`: what comes next after a text."""

from __future__ import annotations

import time

import click

from rnnchat.cli.output import emit, print_text

MOST_CHARACTERS = 1_000_000  # of standard input; the end of a longer text is what matters


@click.command("complete", help="Say what comes next after TEXT; read from standard input where it is absent or -.")
@click.argument("text", required=False)
@click.option("--count", type=click.IntRange(1, 50), default=1, show_default=True, help="How many suggestions.")
@click.option("--model", help="Name or folder of a model.")
@click.option("--memory", type=click.Choice(["full", "message", "none"]), help="What the model may remember.")
@click.option("--sure", is_flag=True, help="Only what would be shown while you type: see the settings for how eager.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(text: str | None, count: int, model: str | None, memory: str | None, sure: bool, as_json: bool) -> None:
    """Complete and print one suggestion a line, each exactly as it would be inserted."""
    from rnnchat.cli.options import chosen_settings, read_standard_input
    from rnnchat.complete import Completer

    if text is None or text == "-":
        text = read_standard_input(MOST_CHARACTERS)
    settings = chosen_settings(model=model, memory=memory)
    completer = Completer.load(
        settings.model, settings.memory,
        threshold=settings.threshold, words=settings.words, offensive=settings.offensive == "show",
    )  # fmt: skip
    began = time.perf_counter()
    off = sure and settings.suggestions == "off"
    suggestions = [] if off else completer.complete(text, count, confident=sure)
    milliseconds = 1000 * (time.perf_counter() - began)
    if not as_json:
        for suggestion in suggestions:
            print_text(suggestion.text)
        return
    found = [{"text": suggestion.text, "probability": suggestion.probability} for suggestion in suggestions]
    emit(
        {
            "text": text,
            "model": settings.model,
            "memory": settings.memory,
            "suggestions": found,
            "milliseconds": milliseconds,
        }
    )

"""`rnnchat generate`: free text from a prompt."""

from __future__ import annotations

import sys

import click

from rnnchat.cli.options import Number, chosen_settings, read_standard_input
from rnnchat.cli.output import emit


@click.command("generate", help="Write free text that goes on from a prompt.")
@click.option("--prompt", default="", help="What the text begins with; - reads standard input.")
@click.option("--length", type=click.IntRange(1, 100_000), default=400, show_default=True, help="Characters, about.")
@click.option("--temperature", type=Number(0, 5), help="0 takes the likeliest, 1 the model's own chances.")
@click.option("--top-p", type=Number(0.01, 1), help="Draw only from the likeliest tokens of this probability.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--model", help="Name or folder of a model.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    prompt: str,
    length: int,
    temperature: float | None,
    top_p: float | None,
    seed: int,
    model: str | None,
    as_json: bool,
) -> None:
    """Print the prompt and what follows it, as it is drawn."""
    import numpy as np

    from rnnchat.decode import sample
    from rnnchat.hygiene import clean
    from rnnchat.model import read
    from rnnchat.recurrent import RecurrentModel
    from rnnchat.text import clean_text
    from rnnchat.vocabulary import DOCUMENT

    if prompt == "-":
        prompt = read_standard_input(8_000)
    settings = chosen_settings(model=model, temperature=temperature, top_p=top_p)
    network = RecurrentModel.load(settings.model)
    state = read(network, network.start(), network.vocabulary.encode(clean_text(prompt)[-8_000:]))
    drawn = sample(
        network, state, np.random.default_rng(seed), temperature=settings.temperature, top_p=settings.top_p,
        stop=(DOCUMENT,), limit=length,
    )  # fmt: skip
    written = ""
    if not as_json:
        click.echo(clean(prompt, "block"), nl=False)
    for token, _ in drawn:
        piece = clean(network.vocabulary.decode([token]), "block")
        written += piece
        if not as_json:
            click.echo(piece, nl=False)
            sys.stdout.flush()
        if len(written) >= length:
            break
    if as_json:
        emit({"prompt": prompt, "text": written, "model": settings.model, "seed": seed})
    else:
        click.echo()

"""Whether replies make sense: sheets for a judge who does not know which model wrote which, and what came of them.

    python -m benchmarks.sense sheet SHEET MODEL MODEL ... [--messages FILE ...]
    python -m benchmarks.sense score SHEET JUDGED

A model is a checkpoint's name, or NAME:message and NAME:none for the same with less memory. Each message is one case,
with the turns before it where there are some; each model's reply to it stands under a letter, in an order drawn anew
for every case. Whoever judges writes one line for each case, its number and points from 0 (no sense) to 2 (sensible):

    17 a=0 b=2

SHEET.key says whose the letters are, which messages come after others, and which nobody wrote in our corpora, word for
word; it is read by `score` alone. Intervals are 95 %, by drawing cases anew (bootstrap). What was judged once is no
blind test of weights that were chosen by it: take new messages then.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any, cast

import click
import numpy as np

from benchmarks.report import show
from rnnchat.chat import Conversation
from rnnchat.config import Memory
from rnnchat.places import bundled_folder
from rnnchat.recurrent import RecurrentModel
from rnnchat.text import Turn, read_documents

STRANGERS = sorted((Path(__file__).parent / "conversations").glob("strangers_*.txt"))
LETTERS = "abcdefgh"
DRAWN = 2_000  # times, for an interval
POINTS = re.compile(r"\b([a-h])\s*=\s*([0-2])\b")


def plain(text: str) -> str:
    """Return a message's words in small letters."""
    return " ".join(re.findall(r"\w+", text.lower()))


def written_in_corpora() -> set[str]:
    """Return what people say in our corpora, in plain words."""
    files = Path(bundled_folder("corpora")).glob("*/*.txt")
    return {
        plain(turn.text) for document in read_documents(list(files)) for turn in document.turns if turn.role == "user"
    }


def cases(files: list[Path]) -> list[list[Turn]]:
    """Return the messages to be answered, the last turns of dialogues, each with the turns before it."""
    return [list(document.turns) for document in read_documents(files)]


@click.group(help=__doc__.splitlines()[0] if __doc__ else None)
def sense() -> None:
    """Hold the two commands together."""


@sense.command()
@click.argument("sheet", type=click.Path(path_type=Path))
@click.argument("models", nargs=-1, required=True)
@click.option("--messages", multiple=True, type=click.Path(exists=True, path_type=Path), default=STRANGERS)
@click.option("--seed", type=int, default=0)
def sheet(sheet: Path, models: tuple[str, ...], messages: tuple[Path, ...], seed: int) -> None:
    """Let each of MODELS answer all messages, and write the SHEET to judge."""
    chance, key, lines, known = random.Random(seed), [], [], written_in_corpora()
    memories = {name: cast(Memory, name.partition(":")[2] or "full") for name in models}
    loaded = {name: RecurrentModel.load(name.partition(":")[0], memories[name]) for name in models}
    for number, turns in enumerate(cases(list(messages)), start=1):
        lines += [f"## {number}", *(f"{'U' if turn.role == 'user' else 'A'}: {turn.text}" for turn in turns)]
        order = chance.sample(models, len(models))
        for letter, name in zip(LETTERS, order, strict=False):
            conversation = Conversation(loaded[name], memories[name], seed=number)
            conversation.hear(turns[:-1])
            lines.append(f"   {letter}) {conversation.reply(turns[-1].text)}")
        key.append({"models": order, "later": len(turns) > 1, "new": plain(turns[-1].text) not in known})
    sheet.write_text("\n".join(lines) + "\n")
    key_of(sheet).write_text(json.dumps(key))
    print(f"{len(key)} cases are in {sheet}; judge them blind, then: python -m benchmarks.sense score {sheet} JUDGED")


@sense.command()
@click.argument("sheet", type=click.Path(exists=True, path_type=Path))
@click.argument("judged", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def score(sheet: Path, judged: Path, as_json: bool) -> None:
    """Say how many points each model got for the SHEET, as JUDGED."""
    key = json.loads(key_of(sheet).read_text())
    points: dict[str, dict[int, int]] = {}
    for line in judged.read_text().splitlines():
        number, _, given = line.strip().partition(" ")
        if not number.isdigit():
            continue
        for letter, value in POINTS.findall(given):
            asked = key[int(number) - 1]["models"] if 0 < int(number) <= len(key) else []
            if LETTERS.index(letter) >= len(asked):
                raise click.ClickException(f"{judged}: no reply {letter} of case {number} stands in {sheet}")
            points.setdefault(asked[LETTERS.index(letter)], {})[int(number) - 1] = int(value)
    if not points:
        raise click.ClickException(f"{judged} has no line such as: 17 a=0 b=2")
    show("sense", [row(name, given, key) for name, given in sorted(points.items())], as_json)


def key_of(sheet: Path) -> Path:
    """Return where it says whose the letters are."""
    return sheet.with_name(sheet.name + ".key")


def row(name: str, given: dict[int, int], key: list[dict[str, Any]]) -> dict[str, object]:
    """Return the mean points of one model, over all cases, those with and without turns before them, and new ones."""
    values = np.array(list(given.values()))
    later, new = (np.array([key[case][what] for case in given]) for what in ("later", "new"))
    generator = np.random.default_rng(0)
    means = [generator.choice(values, len(values)).mean() for _ in range(DRAWN)]
    low, high = np.percentile(means, [2.5, 97.5])
    return {
        "model": name,
        "cases": len(values),
        "points": float(values.mean()),
        "95 %": f"{low:.3f} to {high:.3f}",
        "first messages": float(values[~later].mean()) if not later.all() else None,
        "later ones": float(values[later].mean()) if later.any() else None,
        "in no corpus": float(values[new].mean()) if new.any() else None,
        "no sense": float((values == 0).mean()),
    }


if __name__ == "__main__":
    sense()

"""The public texts that quality is measured on: the first part of each kind is for tuning, the rest for measuring."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.report import PUBLIC_TEXTS
from rnnchat.text import clean_text, read_file

TUNING_SHARE = 0.3

# A line to type, and the lines before it that belong to it.
Line = tuple[str, str]


def sentences(path: Path) -> Iterator[Line]:
    """Yield unrelated lines."""
    for line in clean_text(path.read_text()).splitlines():
        if line.strip():
            yield line.strip(), ""


def connected(path: Path) -> Iterator[Line]:
    """Yield the lines of a mail or a book after up to 1,000 characters of those before."""
    before = ""
    for line in clean_text(path.read_text()).splitlines():
        if line.strip():
            yield line.strip()[:300], before
            before = (before + line.strip() + "\n")[-1_000:]


def dialogues(path: Path) -> Iterator[Line]:
    """Yield the turns of dialogues, without labels, after the turns before."""
    for document in read_file(path):
        before = ""
        for turn in document.turns:
            yield turn.text, before
            before += turn.text + "\n"


TEXTS: dict[str, tuple[str, Callable[[Path], Iterator[Line]]]] = {
    "everyday sentences": ("text/tatoeba_en.dev.txt", sentences),
    "read-aloud sentences": ("text/commonvoice_en.dev.txt", sentences),
    "mail": ("text/masc/email.dev.txt", connected),
    "letters": ("text/masc/letters.dev.txt", connected),
    "small talk": ("dialogue/selfdialogue.dev.txt", dialogues),
    "coffee orders": ("dialogue/tm4_coffee.dev.txt", dialogues),
    "food orders": ("dialogue/multidogo_fastfood.dev.txt", dialogues),
    "book": ("text/books_dev/jerome-k-jerome_three-men-in-a-boat.txt", connected),
}


DIALOGUES = [kind for kind, (_, read) in TEXTS.items() if read is dialogues]
CONNECTED = [kind for kind, (_, read) in TEXTS.items() if read is connected]


def tuning_lines(kind: str, limit: int) -> list[Line]:
    """Return up to `limit` lines in a row from the part that gates and calibrations are fitted on."""
    lines = _all(kind)
    return lines[: min(limit, int(TUNING_SHARE * len(lines)))]


def measuring_lines(kind: str, limit: int) -> list[Line]:
    """Return up to `limit` lines, drawn by a fixed seed from the part that nothing was fitted on."""
    lines = _all(kind)
    rest = lines[int(TUNING_SHARE * len(lines)) :]
    return random.Random(0).sample(rest, min(limit, len(rest)))


def _all(kind: str) -> list[Line]:
    name, read = TEXTS[kind]
    return list(read(PUBLIC_TEXTS / name))

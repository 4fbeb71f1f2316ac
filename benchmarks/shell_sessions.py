"""Replaying shell sessions: predict each command, then learn it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnchat.shell.history import may_keep

FIRST_WORD = re.compile(r" *[^ ]+")
LONG = 256  # characters of the longest line that rnnchat offers
MOST_PREFIX = 4  # whole-command hits are counted after 0 to 3 typed characters

# What is shown after a prefix: whole lines, the best first. `learn` is called after each command.
Predict = Callable[[str, int], Sequence[str]]


@dataclass
class Score:
    """Sums over commands."""

    commands: int = 0
    characters: int = 0
    keys: int = 0
    fair_characters: int = 0
    fair_keys: int = 0
    top1: list[int] | None = None
    top5: list[int] | None = None

    def __post_init__(self) -> None:
        self.top1, self.top5 = [0] * MOST_PREFIX, [0] * MOST_PREFIX

    @property
    def saved(self) -> float:
        """Keystrokes saved: 1 - keys / characters."""
        return 1 - self.keys / max(1, self.characters)

    @property
    def saved_fair(self) -> float:
        """The same over commands that may be offered at all: no secrets (here lines of a pasted key), nothing LONG."""
        return 1 - self.fair_keys / max(1, self.fair_characters)


def read_sessions(path: Path) -> list[list[str]]:
    """Return the sessions of a file: commands in order, a blank line between sessions."""
    sessions = []
    for block in path.read_text().split("\n\n"):
        lines = [line.strip() for line in block.splitlines() if line.strip() and not line.startswith("# ")]
        if lines:
            sessions.append(lines)
    return sessions


FITTED = 2  # every second session is used for fitting, the others for measuring


def fitted_on(sessions: list[list[str]]) -> list[list[str]]:
    """Return the sessions of the train part that the ranking is fitted on."""
    return sessions[::FITTED]


def measured_on(sessions: list[list[str]]) -> list[list[str]]:
    """Return the sessions of the train part that nothing was fitted on."""
    return [session for number, session in enumerate(sessions) if number % FITTED]


def keys_for(command: str, predict: Predict, silent_at_start: bool = False) -> int:
    """Return the keys that typing `command` takes with ghost text, as rnnchat/quality.py counts them.

    The whole ghost is one key where it is right and ends with a word, its first word is one key where that is right;
    the space that follows comes with it. Enter is not counted.
    """
    place = keys = 0
    while place < len(command):
        keys += 1
        shown = [] if silent_at_start and place == 0 else predict(command[:place], 1)
        place = _after_accepting(command, place, shown[0][place:]) if shown else place + 1
    return keys


def _after_accepting(command: str, place: int, ghost: str) -> int:
    first = FIRST_WORD.match(ghost)
    for part in (ghost, first[0] if first else ""):
        end = place + len(part)
        if part and command.startswith(part, place) and (end == len(command) or command[end] == " "):
            return end + (end < len(command))
    return place + 1


def add_command(score: Score, command: str, predict: Predict, silent_at_start: bool = False) -> None:
    """Count one command: its keys, and whether it stands whole among the first one and five.

    Args:
        silent_at_start: the peer shows nothing on an empty line, so nothing can be accepted there.
    """
    assert score.top1 is not None and score.top5 is not None
    score.commands += 1
    score.characters += len(command)
    keys = keys_for(command, predict, silent_at_start)
    score.keys += keys
    if len(command) <= LONG and may_keep(command):
        score.fair_characters += len(command)
        score.fair_keys += keys
    for length in range(MOST_PREFIX):
        if length < len(command):
            lines = predict(command[:length], 5)
            score.top1[length] += lines[:1] == [command]
            score.top5[length] += command in lines[:5]
        else:
            score.top1[length] += 1
            score.top5[length] += 1


def shuffled(sessions: Sequence[list[str]], seed: int = 0) -> Iterator[list[str]]:
    """Yield the sessions in an order that depends on the seed alone."""
    import random

    order = list(sessions)
    random.Random(seed).shuffle(order)
    yield from order

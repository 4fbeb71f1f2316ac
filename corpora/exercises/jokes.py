"""Knock-knock jokes with made-up names, and those of ours told by either side in many ways of writing."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.exercises.names import Side, name, word
from corpora.exercises.writing import written

Random = random.Random
Dialogue = list[str]
Talk = Callable[[Random], Dialogue]  # draws a few turns of small talk

_SAID = tomllib.loads((Path(__file__).parent / "joking.toml").read_text())
OPENINGS, WHO_IS_THERE, ASKED = (tuple(_SAID[name]) for name in ("openings", "who_is_there", "asked"))
LAUGHS, AFTER_OWN, AFTER_THEIRS = (tuple(_SAID[name]) for name in ("laughs", "after_own", "after_theirs"))
PUNCHLINES, ALONE = (tuple(_SAID[name]) for name in ("punchlines", "alone"))
INSTEAD = tuple((said, answer) for said, answer in _SAID["instead"])

WORDY = 0.25  # of the knocks come with other words


@dataclass(frozen=True)
class Joke:
    """One of ours: who knocks, and what follows when asked."""

    name: str
    punchline: str


def heard(chance: Random, side: Side, known: tuple[str, ...], talk: Talk) -> Dialogue:
    """The user knocks, once or several times; the chatbot asks for each name as it was written."""
    turns = talk(chance) if chance.random() < 0.35 else []
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        who = name(chance, side, known)
        said = who + chance.choice([".", ".", ".", "", "", "", "!", "!", "...", ".."])
        turns += [f"U: {knock(chance, side, known)}", "A: Who's there?"]
        if chance.random() < 0.06:
            question, answer = chance.choice(INSTEAD)
            return [*turns, f"U: {written(chance, question)}", f"A: {answer}"]
        turns += [f"U: {said}", f"A: {who} who?"]
        if chance.random() < 0.6:
            turns += [f"U: {chance.choice(PUNCHLINES).format(name=who)}", f"A: {chance.choice(AFTER_THEIRS)}"]
        if chance.random() < 0.25:
            turns += talk(chance)
    return turns


def knock(chance: Random, side: Side, known: tuple[str, ...]) -> str:
    """Return how somebody knocks; now and then with more to say: "Knock knock, new neighbour here"."""
    opening = chance.choice(OPENINGS)
    if chance.random() > WORDY:
        return opening
    more = " ".join(word(chance, side, known) for _ in range(chance.choice([1, 1, 2, 3])))
    if chance.random() < 0.3:
        return f"{more}{chance.choice([', ', '! ', '... ', ' '])}{opening}"
    return (
        f"{opening.rstrip('.!')}{chance.choice([', ', ' ', ' ', '! '])}{more}{chance.choice(['', '', '!', '.', '...'])}"
    )


def alone(chance: Random, side: Side, known: tuple[str, ...], talk: Talk) -> Dialogue:
    """A name by itself, with no knock before it, is no joke."""
    turns = talk(chance) if chance.random() < 0.3 else []
    who = name(chance, side, known)
    end = chance.choice([".", "", "!", "..."])
    return [*turns, f"U: {who}{end}", f"A: {chance.choice(ALONE).format(name=who)}"]


def told(chance: Random, jokes: Sequence[Joke], talk: Talk) -> Dialogue:
    """The chatbot knocks, waits to be asked twice, and gives the punchline that belongs."""
    turns = talk(chance) if chance.random() < 0.3 else []
    for joke in chance.sample(jokes, chance.choice([1, 2, 2, 3])):
        turns += [f"U: {chance.choice(ASKED)}", "A: Knock, knock!"]
        if chance.random() < 0.04:
            question, answer = chance.choice(INSTEAD)
            return [*turns, f"U: {written(chance, question)}", f"A: {answer}"]
        turns += [f"U: {chance.choice(WHO_IS_THERE)}", f"A: {joke.name}."]
        who = joke.name
        ways = (f"{who} who?", f"{who} who?", f"{who} who", f"{who.lower()} who?", f"{who.lower()} who",
                f"{who.upper()} WHO?", f"{who} who?!")  # fmt: skip
        turns += [f"U: {chance.choice(ways)}", f"A: {joke.punchline}"]
        if chance.random() < 0.5:
            turns += [f"U: {chance.choice(LAUGHS)}", f"A: {chance.choice(AFTER_OWN)}"]
    return turns + (talk(chance) if chance.random() < 0.2 else [])


def replayed(chance: Random, jokes: Sequence[Joke]) -> Dialogue:
    """The user tells one of ours."""
    joke = chance.choice(jokes)
    who = chance.choice([joke.name, joke.name, joke.name.lower()])
    end = chance.choice([".", ".", "", "!"])
    return [
        f"U: {chance.choice(OPENINGS)}", "A: Who's there?", f"U: {who}{end}", f"A: {who} who?",
        f"U: {written(chance, joke.punchline)}", f"A: {chance.choice(AFTER_THEIRS)}",
    ]  # fmt: skip

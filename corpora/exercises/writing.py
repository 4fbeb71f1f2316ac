"""How people write: in small letters, without a stop, with a slip of the fingers, with words around it."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from pathlib import Path

Random = random.Random

_SAID: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "writing.toml").read_text())
BEFORE, AFTER = tuple(_SAID["before"]), tuple(_SAID["after"])
BEFORE_QUESTION, AFTER_QUESTION = tuple(_SAID["before_question"]), tuple(_SAID["after_question"])
EMOJI = (0x1F300, 0x1F64F)
LONGEST_BESIDE = 70  # characters


def written(chance: Random, text: str) -> str:
    """Return a sentence of the user's in another way of writing: small letters, no stop, capitals, an emoji."""
    draw = chance.random()
    if draw < 0.3:
        text = text.lower()
    elif draw < 0.34:
        text = text.upper()
    if chance.random() < 0.3:
        text = text.rstrip(".!")
    if chance.random() < 0.15:
        text = text.replace("'", "")
    if chance.random() < 0.02:
        text = f"{text} {chr(chance.randint(*EMOJI))}"
    return text


def mistyped(chance: Random, text: str) -> str:
    """Return `text` with two letters exchanged, one left out or one doubled."""
    if len(text) < 4:
        return text
    place = chance.randrange(1, len(text) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + (text[place] * 2 if kind == 1 else "") + text[place + 1 :]


def hasty(chance: Random, form: str) -> str:
    """Return a form with its {places} as somebody in a hurry types it: in small letters, without a stop."""
    if chance.random() < 0.25:
        form = form.lower()
    if chance.random() < 0.25:
        form = form.rstrip(".!")
    return form.replace("'", "") if chance.random() < 0.1 else form


def chatty(chance: Random, said: str) -> str:
    """Return a sentence, now and then with words around it that mean nothing."""
    if chance.random() < 0.2:
        said = chance.choice(BEFORE) + said
    if chance.random() < 0.12:
        said = said.rstrip(".!") + chance.choice(AFTER)
    return said


def beside(chance: Random, said: str, talk: Callable[[Random], list[str]], after: bool = True) -> str:
    """Return a sentence, now and then with another that somebody said on another day before or behind it."""
    if chance.random() > 0.15:
        return said
    other = talk(chance)[0].removeprefix("U: ")
    if len(other) > LONGEST_BESIDE:
        return said
    stop = "" if other.endswith((".", "!", "?")) else chance.choice([".", ",", ".", "..."])
    if after and chance.random() < 0.4:
        said = said if said.endswith((".", "!", "?")) else f"{said}{chance.choice(['.', ',', '.', '!'])}"
        return f"{said} {other}"
    return f"{other}{stop} {said}"


def asked(chance: Random, question: str) -> str:
    """Return a question as a person may write it."""
    if chance.random() < 0.08:
        question = question.rstrip("?.!") + chance.choice(AFTER_QUESTION)
    return written(chance, (chance.choice(BEFORE_QUESTION) if chance.random() < 0.2 else "") + question)

"""How people write: in small letters, without a stop, with a slip of the fingers, with words around it."""

from __future__ import annotations

import random

Random = random.Random

BEFORE = (
    "hey, ", "Hi, ", "by the way, ", "By the way: ", "oh, ", "so ", "well, ", "Listen, ", "just so you know, ", "ok, ",
    "you know, ", "Guess what, ", "hmm, ", "and ", "btw ", "Please remember: ", "one more thing: ", "FYI ", "ah, ",
)  # fmt: skip
AFTER = (
    ", you know", ", by the way", " :)", ", ok?", ", remember that", " btw", " lol", ", if you must know", " today",
)  # fmt: skip
BEFORE_QUESTION = (
    "so, ", "hey, ", "ok so ", "Quick question: ", "now, ", "and ", "hmm, ", "wait, ", "tell me, ", "Let's see: ",
    "by the way, ", "one more question: ", "I forgot: ", "help me, ", "ok, ", "pop quiz: ", "Test: ", "btw ",
)  # fmt: skip
EMOJI = (0x1F300, 0x1F64F)


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


def chatty(chance: Random, said: str) -> str:
    """Return a sentence, now and then with words around it that mean nothing."""
    if chance.random() < 0.2:
        said = chance.choice(BEFORE) + said
    if chance.random() < 0.08:
        said = said.rstrip(".!") + chance.choice(AFTER)
    return said


def asked(chance: Random, question: str) -> str:
    """Return a question as a person may write it."""
    return written(chance, (chance.choice(BEFORE_QUESTION) if chance.random() < 0.15 else "") + question)

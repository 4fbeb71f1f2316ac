"""The same exchange about another thing: what a reply takes up from a message is put in place of another's.

"the boiler is loud" / "I am sorry about the boiler." and "my banjo broke" / "Oh no, the banjo!" also give "the banjo is
loud" / "I am sorry about the banjo.": what is learned is that the word is the person's, not that it is "boiler".
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import pairwise

Dialogue = list[str]

# A noun that a reply names: behind one of these words, at the end of a clause or before its verb.
NAMED = re.compile(
    r"\b(?:the|your|about|an?|of|like|with|for|any|no) ([a-z]{4,})"
    r"(?=[.,!?]| (?:is|are|was|were|yet|again|too|today|now)\b)"
)
EXCHANGED = 0.5  # of the nouns that could be


def taken_up(dialogue: Dialogue) -> set[str]:
    """Return the nouns that a reply of the dialogue says again from the message before it."""
    found: set[str] = set()
    for said, reply in pairwise(dialogue):
        if reply.startswith("A: "):
            words = set(re.findall(r"[a-z]+", said.lower()))
            found |= {word for word in NAMED.findall(reply[3:].lower()) if word in words}
    return found


def about_other_things(chance: random.Random, dialogue: Dialogue, things: Sequence[str]) -> Dialogue:
    """Return the dialogue with some nouns that it takes up exchanged for other `things` that fit as a word.

    Args:
        things: nouns that other dialogues take up. One fits that is of the same number and takes the same article.
    """
    for word in sorted(taken_up(dialogue)):
        fitting = [thing for thing in things if _shape(thing) == _shape(word)]
        if fitting and chance.random() < EXCHANGED:
            other = chance.choice(fitting)
            dialogue = [_exchanged(turn, word, other) for turn in dialogue]
    return dialogue


def _shape(word: str) -> tuple[bool, bool]:
    return word.endswith("s"), word[0] in "aeiou"


def _exchanged(turn: str, word: str, other: str) -> str:
    def like(match: re.Match[str]) -> str:
        found = match[0]
        return other.upper() if found.isupper() else other.capitalize() if found[0].isupper() else other

    return re.sub(rf"\b{word}\b", like, turn, flags=re.IGNORECASE)

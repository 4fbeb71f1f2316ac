"""Names that nobody has: what is to be repeated must not be known by heart.

Every made-up word belongs to one side by its hash, "train" or "test", so the two can never share one.
"""

from __future__ import annotations

import hashlib
import random
from typing import Literal

Random = random.Random
Side = Literal["train", "test"]

TEST_SHARE = 0.2

ONSETS = (
    *"bcdfghjklmnprstvwyz", "bl", "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "kl", "kn", "ph", "pl", "pr",
    "qu", "sc", "sh", "sk", "sl", "sm", "sn", "sp", "st", "str", "th", "tr", "tw", "wh", "x", "zh", "",
)  # fmt: skip
VOWELS = (*"aeiouaeiouaeiouy", "ai", "au", "ea", "ee", "ei", "ie", "io", "oo", "ou", "ua")
CODAS = (
    *[""] * 14, *"bdfgklmnprstxz", "ck", "ct", "ft", "ll", "lm", "lt", "mp", "nd", "ng", "nk", "nt", "rd", "rk", "rm",
    "rn", "rt", "sh", "sk", "ss", "st", "th", "tz",
)  # fmt: skip
ACCENTS = str.maketrans({"a": "áàäâãå", "e": "éèëê", "i": "íïî", "o": "óöôø", "u": "úüû", "n": "ñ", "c": "ç"})
OTHER_LETTERS = (
    "абвгдежзиклмнопрстуфхцчшыэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
)
# Scripts of which no vocabulary holds all: first and last character.
SCRIPTS = (
    (0x4E00, 0x9FA5), (0x3041, 0x3096), (0x30A1, 0x30FA), (0xAC00, 0xD7A3), (0x0620, 0x064A), (0x05D0, 0x05EA),
    (0x0905, 0x0939), (0x0E01, 0x0E2E), (0x0561, 0x0586), (0x10D0, 0x10F0), (0x1F300, 0x1F64F), (0x1F600, 0x1F64F),
)  # fmt: skip
SMALL_WORDS = ("the", "of", "de", "la", "von", "and", "in", "a", "to", "my", "you", "el", "van", "on", "is")
TITLES = ("Mr.", "Mrs.", "Dr.", "Sir", "Aunt", "Uncle", "King", "Captain", "Old", "Little", "Big", "Miss", "St.")

# What a name in a joke may begin with, as "I mustard" and "A sailor" do.
BEGINNINGS = (
    "I",
    "A",
    "An",
    "You",
    "We",
    "My",
    "The",
    "No",
    "Some",
    "I'm",
    "Don't",
    "Let's",
    "Who",
    "He",
    "She",
    "They",
)


def side_of(text: str) -> Side:
    """Return the side that a word or phrase belongs to, whatever its case."""
    number = hashlib.sha256(text.lower().encode()).digest()[0]
    return "test" if number < 256 * TEST_SHARE else "train"


def made_up(chance: Random) -> str:
    """Return a pronounceable word of 2 to 14 letters that hardly anybody has seen."""
    count = chance.choice([1, 1, 2, 2, 2, 2, 3, 3, 4])
    return "".join(chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(CODAS) for _ in range(count))[:14]


def unpronounceable(chance: Random) -> str:
    """Return any letters in a row, as a cat on the keys."""
    return "".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(chance.randrange(2, 11)))


def word(chance: Random, side: Side, known: tuple[str, ...] = ()) -> str:
    """Return a lower-case word of that side: made up, or in training also one of `known`."""
    while True:
        draw = chance.random()
        if known and draw < 0.1:  # a beginning of a word: it must not be finished
            found = chance.choice(known)
            found = found[: chance.randrange(2, max(3, len(found)))]
        elif known and draw < 0.5:
            found = chance.choice(known)
        elif draw < 0.93:
            found = made_up(chance)
        else:
            found = unpronounceable(chance)
        if len(found) >= 2 and side_of(found) == side:
            return found


def _odd(chance: Random, side: Side, text: str) -> str:
    """Return `text` with something that names may also hold: an apostrophe, a digit, an accent, other letters."""
    kind = chance.randrange(8)
    if kind == 0:
        return chance.choice(["O'", "d'", "Mc", "Mac", "L'"]) + text.capitalize()
    if kind == 1:
        return f"{text}{chance.randrange(1, 2100)}"
    if kind == 2:
        place = chance.randrange(1, len(text)) if len(text) > 1 else 0
        return f"{text[:place]}{chance.randrange(10)}{text[place:]}"
    if kind == 3:
        return "".join(chance.choice(ACCENTS.get(ord(c), c)) if chance.random() < 0.4 else c for c in text)
    if kind == 4:
        return f"{text}-{word(chance, side)}"
    if kind == 5:
        letters = chance.choice(OTHER_LETTERS)
        return "".join(chance.choice(letters) for _ in text)
    script = chance.choice(SCRIPTS)
    return "".join(chr(chance.randint(*script)) for _ in range(chance.randrange(1, 5)))


def cased(chance: Random, text: str) -> str:
    """Return `text` as a person may write it: mostly with a capital, or all small, all large, or anyhow."""
    draw = chance.random()
    if draw < 0.4:
        return text.title().replace("'S", "'s")
    if draw < 0.65:
        return text
    if draw < 0.8:
        return text[:1].upper() + text[1:]
    if draw < 0.93:
        return text.upper()
    return "".join(c.upper() if chance.random() < 0.5 else c for c in text)


def name(chance: Random, side: Side, known: tuple[str, ...] = ()) -> str:
    """Return a name of one to three words and 2 to 20 letters or so, in any case."""
    while True:
        count = chance.choice([1, 1, 1, 1, 2, 2, 3])
        words = [word(chance, side, known) for _ in range(count)]
        if chance.random() < 0.15:
            place = chance.randrange(count)
            words[place] = _odd(chance, side, words[place])
        if count > 1 and chance.random() < 0.25:
            words[chance.randrange(1, count) if count > 2 else 0] = chance.choice(SMALL_WORDS)
        text = cased(chance, " ".join(words))
        if chance.random() < 0.05:
            text = f"{chance.choice(TITLES)} {text}"
        elif chance.random() < 0.07:
            text = f"{chance.choice(BEGINNINGS)} {text.lower()}"
        if 2 <= len(text) <= 24:
            return text


def first_name(chance: Random, side: Side, known: tuple[str, ...] = ()) -> str:
    """Return what people call themselves: one word, seldom two."""
    text = word(chance, side, known)
    if chance.random() < 0.1:
        text = f"{text}{chance.choice([' ', '-'])}{word(chance, side, known)}"
    return text.title() if chance.random() < 0.7 else cased(chance, text)

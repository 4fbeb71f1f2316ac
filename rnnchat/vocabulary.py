"""Text to token numbers and back, without losing a character.

Both units share one layout of ids::

    0 .. 2      specials: <document> <user> <bot>   (never produced by encode, so no text can forge a turn)
    3 .. 258    the 256 bytes, for characters that the vocabulary does not hold
    259 ..      characters, and for the word unit also words, most frequent first

The word unit cuts text into pieces that carry the space before them (" pizza", ",", "\\n"). A piece it does not
know is spelled with its characters, and a character it does not know with its UTF-8 bytes, so
`decode(encode(text)) == text` holds for every string.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt

from rnnchat.errors import ModelError

Unit = Literal["char", "word"]

SPECIALS = ("<document>", "<user>", "<bot>")
DOCUMENT, USER, BOT = TURN_MARKS = tuple(range(len(SPECIALS)))  # with each of them a turn begins
FIRST_BYTE = len(SPECIALS)
FIRST_TOKEN = FIRST_BYTE + 256

REPLACEMENT = "\ufffd"  # stands in a text where its bytes are no character

MAX_TOKENS = 200_000
MAX_TOKEN_BYTES = 64

# A piece: an optional space and a word (with one inner apostrophe), digits, or one sign; or one character of white
# space. The limits keep every piece short, so that a megabyte without a space is cut like any other text.
PIECE = re.compile(r" ?[^\W\d_]{1,32}(?:'[^\W\d_]{1,8})?| ?\d{1,8}| ?[^\w\s]| ?_|\s")


@dataclass(frozen=True)
class Kinds:
    """What the tokens of a vocabulary are to a word search."""

    boundary: npt.NDArray[np.bool_]  # (V,) it begins something new, so a word before it is over
    whole: npt.NDArray[np.bool_]  # (V,) it is a word or a sign by itself
    next: npt.NDArray[np.bool_]  # (V,) whole, and not the rest of a word before it
    letter: npt.NDArray[np.bool_]  # (V,) it is one of letter_tokens
    letter_tokens: npt.NDArray[np.int64]  # single characters that words are spelled with, the space before one included
    letters_within: npt.NDArray[np.int64]  # the same without the space: it would end the word


class Vocabulary:
    """The tokens of one model.

    Args:
        unit: "char" or "word".
        tokens: characters, and for the word unit also words; unique and not empty.

    Raises:
        ModelError: the list is not a vocabulary.
    """

    def __init__(self, unit: Unit, tokens: Sequence[str]) -> None:
        _check(unit, tokens)
        self.unit: Unit = unit
        self.tokens = tuple(tokens)
        self._id = {token: FIRST_TOKEN + index for index, token in enumerate(self.tokens)}

    @classmethod
    def from_counts(cls, unit: Unit, characters: Counter[str], words: Counter[str], size: int) -> Vocabulary:
        """Build a vocabulary of at most `size` ids from what was counted; ties are broken by the alphabet."""
        room = size - FIRST_TOKEN
        ranked = [c for c, _ in sorted(characters.items(), key=lambda item: (-item[1], item[0]))]
        tokens = [c for c in ranked if not "\ud800" <= c <= "\udfff"][: room if unit == "char" else room // 4]
        if unit == "word":
            known = set(tokens)
            common = (item for item in words.items() if item[1] > 1 and item[0] not in known)
            by_count = sorted(common, key=lambda item: (-item[1], item[0]))
            short = (word for word, _ in by_count if len(word.encode()) <= MAX_TOKEN_BYTES)
            tokens += islice(short, room - len(tokens))
        return cls(unit, tokens)

    def __len__(self) -> int:
        """The number of ids: specials, bytes and tokens."""
        return FIRST_TOKEN + len(self.tokens)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Vocabulary) and (self.unit, self.tokens) == (other.unit, other.tokens)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.unit, self.tokens))

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`; never a special."""
        ids: list[int] = []
        find = self._id.get
        for piece in pieces(text) if self.unit == "word" else text:
            token = find(piece)
            if token is not None:
                ids.append(token)
            else:
                ids.extend(self.spell(piece))
        return ids

    def spell(self, text: str) -> list[int]:
        """Return the ids of `text` character by character, whatever words the vocabulary holds."""
        ids: list[int] = []
        for character in text:
            token = self._id.get(character)
            if token is not None:
                ids.append(token)
            else:
                ids.extend(FIRST_BYTE + byte for byte in character.encode("utf-8", "surrogatepass"))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of `ids`; specials vanish, bytes that are no UTF-8 become U+FFFD."""
        parts: list[str] = []
        pending = bytearray()
        for token in ids:
            if FIRST_BYTE <= token < FIRST_TOKEN:
                pending.append(token - FIRST_BYTE)
                continue
            if pending:
                parts.append(_text_of(bytes(pending)))
                pending.clear()
            if token >= FIRST_TOKEN:
                parts.append(self.tokens[token - FIRST_TOKEN])
        if pending:
            parts.append(_text_of(bytes(pending)))
        return "".join(parts)

    def token_text(self, token: int) -> str:
        """Return the text that one id stands for; "" for specials and bytes, which have none alone."""
        return self.tokens[token - FIRST_TOKEN] if token >= FIRST_TOKEN else ""

    @cached_property
    def _sorted(self) -> tuple[list[str], npt.NDArray[np.int64]]:
        order = sorted(range(len(self.tokens)), key=self.tokens.__getitem__)
        return [self.tokens[i] for i in order], np.array(order, np.int64) + FIRST_TOKEN

    def starting_with(self, prefix: str) -> npt.NDArray[np.int64]:
        """Return the ids of all tokens that start with `prefix` and are longer than it."""
        texts, ids = self._sorted
        low = bisect_left(texts, prefix)
        high = bisect_left(texts, prefix + "\U0010ffff", low)
        if low < high and texts[low] == prefix:
            low += 1
        return ids[low:high]

    @cached_property
    def kinds(self) -> Kinds:
        """What each token is to a search for words."""
        boundary = np.zeros(len(self), bool)
        boundary[: len(SPECIALS)] = True
        whole = np.zeros(len(self), bool)
        letters: list[int] = []
        space = -1
        for token in range(FIRST_TOKEN, len(self)):
            text = self.token_text(token)
            boundary[token] = not (text[0].isalnum() or text[0] in "'_-")
            if len(text) == 1 and (text.isalnum() or text in " '_-"):
                letters.append(token)
                space = token if text == " " else space
            else:
                whole[token] = not text.isspace()
        letter_tokens = np.array(letters, np.int64)
        letter = np.isin(np.arange(len(self)), letter_tokens)
        return Kinds(boundary, whole, whole & boundary, letter, letter_tokens, letter_tokens[letter_tokens != space])

    def divide(self, text: str) -> tuple[list[int], str]:
        """Return the ids of what no further key can change, and the open piece that the next keys may still extend.

        The open piece is "" for the char unit; for the word unit it is the word under the cursor, with the space
        before it, or a lone space. `decode(ids) + open == text`.
        """
        if self.unit == "char":
            return self.encode(text), ""
        found = pieces(text)
        count = len(found)
        if count >= 2 and found[-1] == "'" and found[-2][-1].isalpha():
            count -= 2  # "don'" may become "don't"
        elif count and (found[-1] == " " or found[-1][-1].isalnum()):
            count -= 1
        return self.encode("".join(found[:count])), "".join(found[count:])


def pieces(text: str) -> list[str]:
    """Cut `text` into the pieces of the word unit; joined again they are `text`."""
    return PIECE.findall(text)


def _text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _check(unit: str, tokens: Sequence[str]) -> None:
    if unit not in ("char", "word"):
        raise ModelError(f"a vocabulary's unit is char or word, not {unit!r}; train the model again")
    if not 1 <= len(tokens) <= MAX_TOKENS:
        raise ModelError(f"a vocabulary holds 1 to {MAX_TOKENS} tokens, not {len(tokens)}; train the model again")
    for token in tokens:
        if not isinstance(token, str) or not token or (unit == "char" and len(token) != 1):
            raise ModelError(f"the vocabulary holds {token!r:.40}, no token of unit {unit}; train it again")
        if any("\ud800" <= c <= "\udfff" for c in token) or len(token.encode()) > MAX_TOKEN_BYTES:
            raise ModelError(f"the vocabulary holds {token!r:.40}, which no text contains; train the model again")
    if len(set(tokens)) != len(tokens):
        raise ModelError("the vocabulary holds a token twice; train the model again")

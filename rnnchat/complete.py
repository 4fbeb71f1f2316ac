"""Text before the cursor in, what comes next out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from rnnchat.checkpoint import Memory
from rnnchat.decode import Word, next_words
from rnnchat.hygiene import is_presentable
from rnnchat.model import LanguageModel, State, read
from rnnchat.text import clean_text
from rnnchat.vocabulary import pieces

CONTEXT = 8_000  # characters of a text never seen before that are read; what is typed after that adds to them
KEPT_STATES = 1_024
WORDS = 4
THRESHOLD = 0.25
LEAST_EXTENSION = math.log(0.2)  # less likely words are not added behind the first


@dataclass(frozen=True)
class Suggestion:
    """What may come next.

    Attributes:
        text: exactly what accepting inserts at the cursor.
        probability: that its first word is right.
    """

    text: str
    probability: float


class Completer:
    """Suggests what comes next; keeps the model's state along the text, so that a key costs one step at most.

    Args:
        model: any language model.
        memory: "full" reads everything before the cursor, "message" only the line it is in; a model for "none"
            forgets by itself.
        threshold: the least probability that is shown where only confident suggestions are wanted.
        words: the most words of a suggestion.
    """

    def __init__(
        self, model: LanguageModel[Any], memory: Memory = "full", threshold: float = THRESHOLD, words: int = WORDS
    ) -> None:
        self.model = model
        self.memory: Memory = memory
        self.threshold = threshold
        self.words = words
        self._trail: Trail[Any] = Trail(model)
        self._written = self._cleaned = ""

    @classmethod
    def load(
        cls, name_or_path: str | Path, memory: Memory = "full", *, threshold: float | None = None, words: int = WORDS
    ) -> Completer:
        """Load a checkpoint by name or folder.

        Raises:
            ModelError: there is no such checkpoint, or it is damaged.
        """
        from rnnchat.recurrent import RecurrentModel

        model = RecurrentModel.load(name_or_path, memory)
        tuned = model.config.tuned.get("threshold", THRESHOLD)
        return cls(model, memory, tuned if threshold is None else threshold, words)

    def complete(self, text: str, count: int = 1, confident: bool = True) -> list[Suggestion]:
        """Return up to `count` suggestions for the cursor at the end of `text`, the most useful first.

        Args:
            confident: leave out what is less likely than the threshold.
        """
        text = self._clean(text)
        if self.memory == "message":
            text = text[text.rfind("\n") + 1 :]
        state, open_piece = self._trail.follow(text)
        found = next_words(self.model, state, open_piece, 2 * count, keys_saved)
        least = math.log(max(self.threshold, 1e-9)) if confident else -math.inf
        kept = [word for word in found if word.log_prob >= least and is_presentable(word.text)]
        return [Suggestion(self._extend(word), math.exp(word.log_prob)) for word in kept[:count]]

    def _clean(self, text: str) -> str:
        """Return clean_text(text), looking only at what was added since the last call."""
        before = self._written
        # A line end of two characters may have come in two calls.
        if not text.startswith(before) or before.endswith("\r"):
            before = self._cleaned = ""
        self._cleaned += clean_text(text[len(before) :])
        self._written = text
        return self._cleaned

    def _extend(self, word: Word[Any]) -> str:
        """Return `word` and the words after it, up to the length that saves the most keys.

        Who accepts can stop after the first word, so each longer text is worth what it adds to that, at the
        probability that all it adds is right.
        """
        text = best = word.text
        alone = len(text)
        log_prob, best_value = 0.0, 0.0
        while len(text.split()) < self.words and not text.endswith((".", "?", "!")):
            state = read(self.model, word.origin, word.tokens)
            following = next_words(self.model, state, "", 1, lambda candidate: candidate.log_prob)
            if not following or not is_presentable(following[0].text):
                break
            first, word = word, following[0]
            text, log_prob = text + word.text, log_prob + word.log_prob
            if log_prob < LEAST_EXTENSION or first.text == word.text:
                break
            if (value := math.exp(log_prob) * (len(text) - alone)) > best_value:
                best, best_value = text, value
        return best


@dataclass(frozen=True)
class _Kept(Generic[State]):
    """A place in the text and the model's state there."""

    offset: int
    state: State


class Trail(Generic[State]):
    """The model's states along one text, kept between calls.

    A key costs the steps of what it settles, a backspace none, an edit goes on from the last place before it whose
    state is kept. The newest places are kept closely, older ones ever more sparsely.
    """

    def __init__(self, model: LanguageModel[State]) -> None:
        self.model = model
        self._text = ""
        self._kept: list[_Kept[State]] = [_Kept(0, model.start())]

    def follow(self, text: str) -> tuple[State, str]:
        """Return the state after what is settled of `text`, and the open piece after it (Vocabulary.divide)."""
        shared = shared_length(self._text, text)
        while self._kept[-1].offset > shared or not self._is_place(text, self._kept[-1].offset):
            self._kept.pop()
        offset = self._kept[-1].offset
        if len(text) - offset > CONTEXT:
            # A text that comes all at once is read from its last stretch only: the network remembers less than that.
            offset = self._begin_near(text, len(text) - CONTEXT)
            self._kept = [_Kept(offset, self.model.start())]
        self._text = text
        _settled, open_piece = self.model.vocabulary.divide(text[offset:])
        state = self._kept[-1].state
        written = text[offset : len(text) - len(open_piece)]
        for piece in pieces(written) if self.model.vocabulary.unit == "word" else written:
            state = read(self.model, state, self.model.vocabulary.encode(piece))
            offset += len(piece)
            if self._is_place(text, offset):
                self._kept.append(_Kept(offset, state))
        self._thin()
        return state, open_piece

    def _is_place(self, text: str, offset: int) -> bool:
        """Tell whether a piece ends at `offset` whatever is typed after it: then its state may be kept."""
        if self.model.vocabulary.unit == "char" or offset == 0:
            return True
        return offset < len(text) and text[offset] in " \n"

    @staticmethod
    def _begin_near(text: str, offset: int) -> int:
        """Return the next beginning of a word at or after `offset`, within reason."""
        place = text.find(" ", offset, offset + 64)
        return offset if place < 0 else place

    def _thin(self) -> None:
        if len(self._kept) > KEPT_STATES:
            half = KEPT_STATES // 2
            self._kept = self._kept[0:half:2] + self._kept[half:]


def shared_length(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    if other.startswith(one):
        return len(one)
    if one.startswith(other):
        return len(other)
    low, high = 0, min(len(one), len(other))
    while low < high:  # the texts agree up to low, and differ before or at high
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def keys_saved(word: Word[Any]) -> float:
    """Return how many keys accepting a word saves on average: its length at its probability."""
    return math.exp(word.log_prob) * len(word.text)

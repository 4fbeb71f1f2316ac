"""Text before the cursor in, what comes next out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rnnchat.config import Memory
from rnnchat.counts import LiveCounts
from rnnchat.decode import Word, next_words, phrases
from rnnchat.hygiene import is_presentable
from rnnchat.mixture import load_mixture
from rnnchat.model import LanguageModel
from rnnchat.offensive import is_offensive
from rnnchat.remembered import Remembered
from rnnchat.text import clean_text
from rnnchat.trail import Trail
from rnnchat.vocabulary import pieces

WORDS = 4
THRESHOLD = 0.32
MOST_LETTERS = 3
WORD_END = re.compile(r"[\w'-]+$")
CERTAINTY = 1.25
REPEAT_CHARACTERS = 120
LEAST_PHRASE = math.log(0.15)  # less likely words are not added behind the first


@dataclass(frozen=True)
class Suggestion:
    """What may come next.

    Attributes:
        text: exactly what accepting inserts at the cursor.
        probability: that its first word is right; calibrated, so of those at 0.7, 70 % are.
    """

    text: str
    probability: float


@dataclass(frozen=True)
class Calibration:
    """From what a model says to how often that is right while a person types: a line between log-odds (Platt 1999).

    Who types on has not accepted what was shown before, so the more of a word is typed the less is to be believed.

    Args:
        slope, offset: of the line.
        space: is added where the space before a word is typed and nothing of the word.
        letter: is added for each letter of the word that is typed, up to MOST_LETTERS.
    """

    slope: float = 1.0
    offset: float = 0.0
    space: float = 0.0
    letter: float = 0.0

    def probability(self, log_prob: float, text: str) -> float:
        """Return how often a word of that log-probability is right after `text`."""
        space, letters = typed_of(text)
        odds = self.slope * log_odds(log_prob) + self.offset + self.space * space + self.letter * letters
        return 1.0 / (1.0 + math.exp(-odds))

    def after(self, first: Calibration) -> Calibration:
        """Return the one line that corrects what `first` has corrected."""
        return Calibration(
            self.slope * first.slope,
            self.slope * first.offset + self.offset,
            self.slope * first.space + self.space,
            self.slope * first.letter + self.letter,
        )

    def numbers(self) -> dict[str, float]:
        """Return the line as named numbers, for Config.tuned."""
        return {f"calibration_{name}": value for name, value in asdict(self).items()}

    @classmethod
    def of(cls, tuned: Mapping[str, float]) -> Calibration:
        """Return the line that `numbers` named; without, probabilities stay as they are."""
        names = asdict(cls()).items()
        return cls(**{name: tuned.get(f"calibration_{name}", value) for name, value in names})


def typed_of(text: str) -> tuple[bool, int]:
    """Return whether `text` ends with the space before a word, and how many letters of a word, up to MOST_LETTERS."""
    letters = WORD_END.search(text[-MOST_LETTERS:])
    return text.endswith(" "), len(letters.group()) if letters else 0


def log_odds(log_prob: float) -> float:
    """Return log(p / (1 - p)), within what a float can tell from certainty."""
    log_prob = min(max(log_prob, -30.0), -1e-6)
    return log_prob - math.log(-math.expm1(log_prob))


class Completer:
    """Suggests what comes next; keeps the model's state along the text, so that a key costs one step at most.

    Args:
        model: any language model.
        memory: "full" reads everything before the cursor, "message" only the line it is in; a model for "none"
            forgets by itself.
        threshold: the least probability that is shown where only confident suggestions are wanted.
        words: the most words of a suggestion.
        calibration: of the model's probabilities.
        personal: the counts within `model` that `learn` adds to.
        offensive: whether offensive words may be suggested.
    """

    def __init__(
        self,
        model: LanguageModel[Any],
        memory: Memory = "full",
        threshold: float = THRESHOLD,
        words: int = WORDS,
        *,
        calibration: Calibration = Calibration(),
        personal: LiveCounts | None = None,
        offensive: bool = False,
    ) -> None:
        self.model: Remembered[Any] = Remembered(model)
        self.memory: Memory = memory
        self.threshold = threshold
        self.words = words
        self.calibration = calibration
        self.personal = LiveCounts() if personal is None else personal
        self.offensive = offensive
        self._trail: Trail[Any] = Trail(self.model)
        self._written = self._cleaned = ""
        self._changes = self.personal.changes  # that the remembered answers know of

    @classmethod
    def load(
        cls,
        name_or_path: str | Path,
        memory: Memory = "full",
        *,
        threshold: float = THRESHOLD,
        words: int = WORDS,
        offensive: bool = False,
    ) -> Completer:
        """Load a checkpoint by name or folder: its network, mixed with its counts and with what is learned later.

        Raises:
            ModelError: there is no such checkpoint, or it is damaged.
        """
        model, personal, config = load_mixture(name_or_path, memory)
        calibration = Calibration.of(config.tuned)
        return cls(
            model, memory, threshold, words, calibration=calibration, personal=personal, offensive=offensive
        )  # fmt: skip

    def with_memory(self, memory: Memory) -> Completer:
        """Return another Completer over the same model and the same learned text, for memory "full" or "message"."""
        return Completer(
            self.model.model, memory, self.threshold, self.words,
            calibration=self.calibration, personal=self.personal, offensive=self.offensive,
        )  # fmt: skip

    def learn(self, text: str) -> None:
        """Count what the person wrote; the next suggestion knows it. Nothing is stored on disk."""
        self.personal.learn(self.model.vocabulary.encode(clean_text(text)))

    def forget(self) -> None:
        """Forget everything learned: the suggestions are again those of a Completer just loaded."""
        self.personal.forget()

    def complete(self, text: str, count: int = 1, confident: bool = True) -> list[Suggestion]:
        """Return up to `count` suggestions for the cursor at the end of `text`, the most useful first.

        Args:
            confident: leave out what is less likely than the threshold.
        """
        if self._changes != self.personal.changes:
            self._changes = self.personal.changes
            self.model.forget()
        text = self._clean(text)
        if self.memory == "message":
            text = text[text.rfind("\n") + 1 :]
        state, open_piece = self._trail.follow(text)
        typed = open_word(text)
        shown: list[Suggestion] = []
        said: set[str] = set()
        for word in next_words(self.model, state, open_piece, count, keys_saved):
            probability = self.calibration.probability(word.log_prob, text)
            if len(shown) == count:
                break
            # Alternatives differ in their letters: one sign is enough, and so is one way of writing a word.
            letters = "".join(filter(str.isalnum, word.text)).lower()
            if letters in said or (confident and probability < self.threshold):
                continue
            if self._may_show(text, typed, word.text):
                said.add(letters)
                shown.append(Suggestion(self._extend(word, text), probability))
        return shown

    def _may_show(self, text: str, typed: str, words: str) -> bool:
        """Tell whether `words` may be suggested after `text`, which ends with `typed` of a word."""
        if not is_presentable(words) or repeats(text[-REPEAT_CHARACTERS:] + words):
            return False
        return self.offensive or not is_offensive(typed + words) or (typed + words).strip() in text

    def _clean(self, text: str) -> str:
        """Return clean_text(text), looking only at what was added since the last call."""
        before = self._written
        # A line end of two characters may have come in two calls.
        if not text.startswith(before) or before.endswith("\r"):
            before = self._cleaned = ""
        self._cleaned += clean_text(text[len(before) :])
        self._written = text
        return self._cleaned

    def _extend(self, word: Word[Any], text: str) -> str:
        """Return `word` and the words after it, up to the length that saves the most keys.

        Who accepts can stop after the first word, so each longer text is worth what it adds to that, at the
        probability that all it adds is right.
        """
        best, alone, best_value = word.text, len(word.text), 0.0
        for phrase in phrases(self.model, word, self.words, LEAST_PHRASE):
            value = math.exp(phrase.log_prob) * (len(phrase.text) - alone)
            if value > best_value and self._may_show(text, "", phrase.text):
                best, best_value = phrase.text, value
        return best


def open_word(text: str) -> str:
    """Return the letters at the end of `text` that a word may go on from."""
    found = WORD_END.search(text[-64:])
    return found.group() if found else ""


def keys_saved(word: Word[Any]) -> float:
    """Return what showing a word is worth: its length, for those are the keys it saves, at its probability.

    The likelier word has an edge beyond that (CERTAINTY): a long one that is passed over can come a letter later.
    """
    return math.exp(CERTAINTY * word.log_prob) * len(word.text)


def repeats(text: str) -> bool:
    """Tell whether `text` ends by saying again what it has just said: one to four words, twice in a row."""
    words = [piece.strip() for piece in pieces(text) if piece.strip()]
    if not words or not words[-1][-1].isalnum():
        return False  # "ha! ha!" may go on
    return any(words[-n:] == words[-2 * n : -n] for n in (1, 2, 3, 4) if len(words) >= 2 * n)

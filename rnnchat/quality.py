"""How good a model is: the one definition that `rnnchat evaluate` and the benchmarks share.

nats per character    how surprised the model is by a text, read in order with carried state; lower is better
keystrokes saved      1 - keys / characters, for a person who types the text and takes every suggestion that helps
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnchat.complete import Completer, Suggestion
from rnnchat.model import LanguageModel, surprise
from rnnchat.text import clean_text
from rnnchat.vocabulary import pieces


@dataclass
class Keystrokes:
    """Keys that typing some texts took.

    Attributes:
        characters, keys: of all texts.
        shown, right: keys at which a suggestion was shown, and at which its first word was what followed.
        accepted: the length of each accepted suggestion.
        claims: the probability of the first of each shown suggestions, and whether its first word was right.
        milliseconds: of each complete() call.
    """

    characters: int = 0
    keys: int = 0
    shown: int = 0
    right: int = 0
    accepted: list[int] = field(default_factory=list)
    claims: list[tuple[float, bool]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def saved(self) -> float:
        """1 - keys / characters."""
        return 1.0 - self.keys / self.characters if self.characters else 0.0

    @property
    def precision(self) -> float:
        """The share of shown suggestions whose first word was right."""
        return self.right / self.shown if self.shown else 0.0

    @property
    def coverage(self) -> float:
        """The share of calls at which a suggestion was shown."""
        return self.shown / len(self.milliseconds) if self.milliseconds else 0.0


def nats_per_character(model: LanguageModel[Any], text: str) -> float:
    """Return the mean surprise of each character of `text`, read from the beginning in one go; 0 for no text.

    A word model is charged for every character: what it does not know it spells.
    """
    tokens = model.vocabulary.encode(text)
    nats, _ = surprise(model, model.start(), tokens)
    return float(nats.sum()) / max(1, len(text))


def word_perplexity(nats_per_char: float, text: str) -> float:
    """Return the perplexity per word that a loss in nats/char amounts to; words are what white space divides."""
    words = len(text.split())
    return math.exp(min(700.0, nats_per_char * len(text) / words)) if words else 1.0


def type_text(
    completer: Completer, text: str, count: int = 1, confident: bool = False, context: str = ""
) -> Keystrokes:
    """Type `text` after `context`, taking a suggestion whenever it is right, and return what that took.

    Before each key up to `count` suggestions are asked for. One that matches what follows and ends where a word ends
    is taken whole, else one whose first word matches is taken for that word; either costs one key, and the space
    that follows comes with it.
    """
    result = Keystrokes(characters=len(text))
    for milliseconds, suggestions, rest in keys(completer, text, count, confident, context):
        result.milliseconds.append(milliseconds)
        if suggestions:
            right = fits(first_word(suggestions[0].text), rest)
            result.shown += 1
            result.right += right
            result.claims.append((suggestions[0].probability, right))
        if taken := best_take(suggestions, rest):
            result.accepted.append(taken)
        result.keys += 1
    return result


def keys(
    completer: Completer, text: str, count: int, confident: bool, context: str
) -> Iterator[tuple[float, list[Suggestion], str]]:
    """Yield for each key that typing `text` takes: milliseconds, the suggestions before it, what was left to type."""
    place = 0
    while place < len(text):
        began = time.perf_counter()
        suggestions = completer.complete(context + text[:place], count, confident)
        yield 1000 * (time.perf_counter() - began), suggestions, text[place:]
        place += one_key(suggestions, text[place:])


def one_key(suggestions: Sequence[Suggestion], rest: str) -> int:
    """Return how many characters of `rest` the next key brings: a suggestion and the space after it, or one typed."""
    taken = best_take(suggestions, rest)
    return taken + (rest[taken : taken + 1] == " ") if taken else 1


def best_take(suggestions: Sequence[Suggestion], rest: str) -> int:
    """Return how many characters the best acceptable suggestion inserts: any whole one before any first word."""
    whole = [len(s.text) for s in suggestions if fits(s.text, rest)]
    words = [len(first_word(s.text)) for s in suggestions if fits(first_word(s.text), rest)]
    return max(whole, default=max(words, default=0))


def fits(suggestion: str, rest: str) -> bool:
    """Tell whether `rest` goes on with `suggestion` and a word ends there."""
    end = len(suggestion)
    if not suggestion.strip() or not rest.startswith(suggestion):
        return False
    return end == len(rest) or not (rest[end].isalnum() and suggestion[-1].isalnum())


def first_word(suggestion: str) -> str:
    """Return a suggestion up to the end of its first word, with the space before it."""
    leading = len(suggestion) - len(suggestion.lstrip())
    end = suggestion.find(" ", leading)
    word = suggestion if end < 0 else suggestion[:end]
    parts = pieces(word)
    # A sign after the word is not part of it; a sign alone is.
    while len(parts) > 1 and any(c.isalnum() for c in parts[0]) and not parts[-1][-1].isalnum():
        parts.pop()
    return "".join(parts)


def add_up(results: Iterable[Keystrokes]) -> Keystrokes:
    """Return the keystrokes of several texts as one."""
    total = Keystrokes()
    for result in results:
        total.characters += result.characters
        total.keys += result.keys
        total.shown += result.shown
        total.right += result.right
        total.accepted += result.accepted
        total.claims += result.claims
        total.milliseconds += result.milliseconds
    return total


def evaluate(completer: Completer, model_name: str, text: str, typed_characters: int = 4_000) -> dict[str, Any]:
    """Return the figures of one model on one text, in the form of `rnnchat evaluate --json`.

    Args:
        typed_characters: keystrokes are measured on whole lines from the beginning, about this many characters.
    """
    text = clean_text(text)
    nats = nats_per_character(completer.model, text)
    one, three = type_lines(completer, text, typed_characters)
    p50, p99 = np.percentile(one.milliseconds or [0.0], [50, 99])
    return {
        "model": model_name,
        "memory": completer.memory,
        "characters": len(text),
        "nats_per_char": nats,
        "bits_per_char": nats / math.log(2),
        "word_perplexity": word_perplexity(nats, text),
        "keystrokes_saved": one.saved,
        "keystrokes_saved_list3": three.saved,
        "latency_ms": {"p50": float(p50), "p99": float(p99)},
    }


def type_lines(completer: Completer, text: str, limit: int) -> tuple[Keystrokes, Keystrokes]:
    """Type lines, each after those before it, until `limit` characters; with one and with three suggestions."""
    results: tuple[list[Keystrokes], list[Keystrokes]] = ([], [])
    typed, before = 0, ""
    for line in text.splitlines():
        if typed >= limit:
            break
        if beginning := line.strip()[: limit - typed]:
            results[0].append(type_text(completer, beginning, 1, context=before))
            results[1].append(type_text(completer, beginning, 3, context=before))
            typed += len(beginning)
        before += line + "\n"
    return add_up(results[0]), add_up(results[1])

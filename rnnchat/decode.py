"""Choosing tokens from any LanguageModel: sampling for replies and free text, beam search for the next words."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic

import numpy as np
import numpy.typing as npt

from rnnchat.model import Array, LanguageModel, State, read
from rnnchat.vocabulary import FIRST_BYTE, FIRST_TOKEN, SPECIALS, Vocabulary

Random = np.random.Generator

BEAM = 8  # unfinished words followed at a time
SPELL_LIMIT = 20  # characters after which an unfinished word is given up
FIRST_WORDS = 32  # whole words looked at
LEAST = math.log(1e-3)  # how much less likely than what was typed an unfinished word may become
BEHIND = math.log(0.2)  # how far behind the best words found it may fall


def sample(
    model: LanguageModel[State],
    state: State,
    random: Random,
    *,
    temperature: float = 0.6,
    top_p: float = 0.9,
    stop: Collection[int] = (),
    limit: int = 200,
) -> Iterator[tuple[int, State]]:
    """Yield tokens and the state after each, until one of `stop` is drawn (it is not yielded) or `limit` is reached.

    Args:
        temperature: 0 takes the most likely token; 1 the model's own probabilities.
        top_p: draw only from the most likely tokens that together have this probability (Holtzman 2020).
    """
    for _ in range(limit):
        log_probs = model.log_probs(state).astype(np.float64)
        log_probs[FIRST_BYTE:FIRST_TOKEN] = -np.inf  # bytes of unknown characters say nothing by themselves
        for special in range(len(SPECIALS)):
            if special not in stop:
                log_probs[special] = -np.inf
        token = draw(log_probs, random, temperature, top_p)
        if token in stop:
            return
        state = model.step([state], [token])[0]
        yield token, state


def draw(log_probs: npt.NDArray[np.float64], random: Random, temperature: float, top_p: float) -> int:
    """Return one token drawn from (V,) log-probabilities."""
    if temperature <= 0:
        return int(log_probs.argmax())
    scaled = log_probs / temperature
    weights = np.exp(scaled - scaled.max())
    weights /= weights.sum()
    order = np.argsort(-weights)
    kept = order[: int(np.searchsorted(np.cumsum(weights[order]), top_p)) + 1]
    return int(random.choice(kept, p=weights[kept] / weights[kept].sum()))


@dataclass(frozen=True)
class Word(Generic[State]):
    """A way on: the text up to the end of the next word, its probability, and the state after it."""

    text: str
    log_prob: float
    origin: State
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class _Kinds:
    """What the tokens of a vocabulary are to a word search."""

    boundary: npt.NDArray[np.bool_]  # (V,) it begins something new, so a word before it is over
    whole: npt.NDArray[np.bool_]  # (V,) it is a word or a sign by itself
    whole_tokens: npt.NDArray[np.int64]
    letter_tokens: npt.NDArray[np.int64]  # single characters that words are spelled with, the space before one included
    letters_within: npt.NDArray[np.int64]  # the same without the space: it would end the word


@lru_cache(maxsize=8)
def _kinds(vocabulary: Vocabulary) -> _Kinds:
    boundary = np.zeros(len(vocabulary), bool)
    boundary[: len(SPECIALS)] = True
    whole = np.zeros(len(vocabulary), bool)
    letters: list[int] = []
    space = -1
    for token in range(FIRST_TOKEN, len(vocabulary)):
        text = vocabulary.token_text(token)
        boundary[token] = not (text[0].isalnum() or text[0] in "'_-")
        if len(text) == 1 and (text.isalnum() or text in " '_-"):
            letters.append(token)
            space = token if text == " " else space
        else:
            whole[token] = not text.isspace()
    letter_tokens = np.array(letters, np.int64)
    return _Kinds(boundary, whole, np.flatnonzero(whole), letter_tokens, letter_tokens[letter_tokens != space])


def next_words(
    model: LanguageModel[State], state: State, open_piece: str, count: int, value: Callable[[Word[State]], float]
) -> list[Word[State]]:
    """Return the `count` words of highest `value` that may follow, different from each other.

    Args:
        state: after the text up to `open_piece`.
        open_piece: what has been typed of the next piece (Vocabulary.divide); the words go on from there and their
            text does not repeat it.
        value: what to rank by, such as the keys a word saves at its probability.
    """
    kinds = _kinds(model.vocabulary)
    found: dict[str, Word[State]] = {}
    typed = tuple(model.vocabulary.encode(open_piece))
    log_prob, path, mass = 0.0, state, 0.0
    if typed:
        first = model.log_probs(state)
        longer = model.vocabulary.starting_with(open_piece)
        longer = longer[kinds.whole[longer]]
        for token in _most_likely(first, longer, FIRST_WORDS):
            text = model.vocabulary.token_text(token)[len(open_piece) :]
            found[text] = Word(text, float(first[token]), state, (token,))
        log_prob, path = _read_typed(model, state, typed, first, _nth_best(found, 1) + LEAST)
        whole = math.log(max(float(np.exp(first[longer]).sum()), 1e-300))
        mass = float(np.logaddexp(whole, log_prob))
    if log_prob > -math.inf:
        for word in _follow(model, kinds, Word("", log_prob, state, typed), path, found, count):
            if word.text not in found or found[word.text].log_prob < word.log_prob:
                found[word.text] = word
    # What was typed is given: a word's probability is its share of all ways to go on from there.
    given = [replace(word, log_prob=min(0.0, word.log_prob - mass)) for word in found.values()]
    return sorted(given, key=value, reverse=True)[:count]


def _read_typed(
    model: LanguageModel[State], state: State, typed: tuple[int, ...], first: Array, floor: float
) -> tuple[float, State]:
    """Return the log-probability of the typed tokens and the state after them; -inf as soon as it falls below `floor`.

    Args:
        first: the log-probabilities after `state`, known already.
    """
    log_prob = 0.0
    for place, token in enumerate(typed):
        log_prob += float(first[token] if place == 0 else model.log_probs(state)[token])
        if log_prob < floor:
            return -math.inf, state
        state = read(model, state, [token])
    return log_prob, state


def _follow(
    model: LanguageModel[State],
    kinds: _Kinds,
    typed: Word[State],
    path: State,
    found: dict[str, Word[State]],
    count: int,
) -> Iterator[Word[State]]:
    """Yield whole words and signs that may follow `path`, and words spelled letter by letter, by beam search.

    A spelled word is over where the next token would begin another one, so its probability counts all such tokens.
    Ways that fall far behind the best words found so far are given up.
    """
    beam: list[tuple[Word[State], State]] = [(typed, path)]
    for length in range(SPELL_LIMIT):
        rows = model.batch_log_probs([state for _, state in beam])
        grown: list[tuple[Word[State], State, int]] = []
        for (word, state), row in zip(beam, rows, strict=True):
            if length == 0:
                for token in _most_likely(row, kinds.whole_tokens, FIRST_WORDS):
                    yield _append(model.vocabulary, word, token, row)
            elif word.text.strip():
                yield replace(word, log_prob=word.log_prob + float(np.log(np.exp(row[kinds.boundary]).sum())))
            letters = kinds.letter_tokens if not word.text else kinds.letters_within
            grown += [(_append(model.vocabulary, word, t, row), state, t) for t in _most_likely(row, letters, BEAM)]
        floor = max(typed.log_prob + LEAST, _nth_best(found, count) + BEHIND)
        grown = sorted((g for g in grown if g[0].log_prob > floor), key=lambda g: g[0].log_prob, reverse=True)[:BEAM]
        if not grown:
            return
        states = model.step([state for _, state, _ in grown], [token for _, _, token in grown])
        beam = [(word, state) for (word, _, _), state in zip(grown, states, strict=True)]


def _append(vocabulary: Vocabulary, word: Word[State], token: int, row: Array) -> Word[State]:
    text = word.text + vocabulary.token_text(token)
    return replace(word, text=text, log_prob=word.log_prob + float(row[token]), tokens=(*word.tokens, token))


def _nth_best(found: dict[str, Word[State]], count: int) -> float:
    """Return the log-probability of the count-th likeliest word, -inf where there are fewer."""
    values = sorted((word.log_prob for word in found.values()), reverse=True)
    return values[count - 1] if len(values) >= count else -math.inf


def _most_likely(row: Array, tokens: npt.NDArray[np.int64], count: int) -> list[int]:
    """Return the `count` of `tokens` with the highest values in `row`."""
    if len(tokens) > count:
        tokens = tokens[np.argpartition(-row[tokens], count)[:count]]
    return [int(token) for token in tokens]

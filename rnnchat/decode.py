"""Choosing tokens from any LanguageModel: sampling for replies and free text, beam search for the next words."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Generic

import numpy as np
import numpy.typing as npt

from rnnchat.model import Array, LanguageModel, State, read
from rnnchat.vocabulary import FIRST_BYTE, FIRST_TOKEN, SPECIALS, Kinds, Vocabulary

Random = np.random.Generator

BEAM = 4  # unfinished words followed at a time
SPELL_LIMIT = 20  # characters after which an unfinished word is given up
FIRST_WORDS = 24  # whole words looked at
UNLIKELY = math.log(1e-3)  # how far behind the best whole word a spelled beginning may be to be followed
LEAST = math.log(0.05)  # how much less likely than what was typed an unfinished word may become
BEHIND = math.log(0.2)  # how far behind the best words found it may fall
FAR_BEHIND = math.log(0.01)  # how much less likely than the likeliest token a word may be to be looked at
OTHER_CASE = math.log(0.05)  # how likely a person is to write a word in other capitals than most do
PHRASE_BEAM = 2  # phrases followed at a time


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
    sums = np.cumsum(weights[order])
    last = min(int(np.searchsorted(sums, top_p)), len(sums) - 1)
    return int(order[np.searchsorted(sums[: last + 1], random.random() * sums[last], side="right")])


@dataclass(frozen=True)
class Word(Generic[State]):
    """A way on: the text up to the end of the next word, its probability, and how to read it.

    Attributes:
        origin, tokens: reading the tokens from that state leads to where the word ends.
    """

    text: str
    log_prob: float
    origin: State
    tokens: tuple[int, ...]


def next_words(
    model: LanguageModel[State], state: State, open_piece: str, count: int, value: Callable[[Word[State]], float]
) -> list[Word[State]]:
    """Return words that may follow, all different, those of highest `value` first.

    Args:
        count: how many of them matter; less likely ones are found by the way, but not looked for.
        state: after the text up to `open_piece`.
        open_piece: what has been typed of the next piece (Vocabulary.divide); the words go on from there and their
            text does not repeat it.
        value: what to rank by, such as the keys a word saves at its probability.
    """
    vocabulary = model.vocabulary
    kinds = vocabulary.kinds
    found: dict[str, Word[State]] = {}
    ways: list[float] = []  # log-probabilities of all ways to go on from what was typed

    def keep(word: Word[State]) -> None:
        if word.text not in found or found[word.text].log_prob < word.log_prob:
            found[word.text] = word

    shouted = _is_shouted(open_piece)
    for beginning, penalty in _spellings(open_piece) if open_piece else ():
        row = model.log_probs(state)
        longer = vocabulary.starting_with(beginning)
        longer = longer[kinds.whole[longer]]
        if len(longer):
            ways.append(float(np.log(np.exp(row[longer]).sum())) + penalty)
        for token in _most_likely(row, longer, FIRST_WORDS):
            text = vocabulary.token_text(token)[len(open_piece) :]
            keep(Word(text.upper() if shouted else text, float(row[token]) + penalty, state, (token,)))
    for tokens in _readings(vocabulary, open_piece):
        log_prob, path = _read_typed(model, state, tokens, _nth_best(found, 1) + UNLIKELY)
        if log_prob > -math.inf:
            ways.append(log_prob)
            for word in _follow(model, kinds, Word("", log_prob, state, tokens), path, found, count):
                keep(word)
    if not ways:
        return []
    # What was typed is given: a word's probability is its share of all ways to go on from there.
    mass = float(np.logaddexp.reduce(ways))
    given = [Word(word.text, min(0.0, word.log_prob - mass), word.origin, word.tokens) for word in found.values()]
    return sorted(given, key=value, reverse=True)


def _spellings(open_piece: str) -> list[tuple[str, float]]:
    """Return what was typed of a word as it may stand in the vocabulary, with the log-probability of typing it so.

    People write "london" and "PLEASE"; the vocabulary has " London" and " please".
    """
    word = open_piece.lstrip()
    lead = open_piece[: len(open_piece) - len(word)]
    others = {lead + word.lower(), lead + word[:1].upper() + word[1:].lower()} - {open_piece}
    return [(open_piece, 0.0), *((other, OTHER_CASE) for other in sorted(others) if len(other) == len(open_piece))]


def _is_shouted(open_piece: str) -> bool:
    word = open_piece.lstrip()
    return len(word) > 1 and word.isupper()


def _readings(vocabulary: Vocabulary, open_piece: str) -> list[tuple[int, ...]]:
    """Return the ways to read what was typed of a piece: as a word that may be over, and letter by letter."""
    whole, spelled = tuple(vocabulary.encode(open_piece)), tuple(vocabulary.spell(open_piece))
    return [whole] if whole == spelled else [whole, spelled]


def _read_typed(model: LanguageModel[State], state: State, typed: tuple[int, ...], floor: float) -> tuple[float, State]:
    """Return the log-probability of the typed tokens and the state after them; -inf once it falls below `floor`."""
    log_prob = 0.0
    for token in typed:
        log_prob += float(model.log_probs(state)[token])
        if log_prob < floor:
            return -math.inf, state
        state = read(model, state, [token])
    return log_prob, state


def _follow(
    model: LanguageModel[State],
    kinds: Kinds,
    typed: Word[State],
    path: State,
    found: dict[str, Word[State]],
    count: int,
) -> Iterator[Word[State]]:
    """Yield whole words and signs that may follow `path`, and words spelled letter by letter, by beam search.

    A spelled word is over where the next token would begin another one, so its probability counts all such tokens.
    Ways that fall far behind the best words found so far are given up.
    """
    beam: list[tuple[str, float, tuple[int, ...], State]] = [("", typed.log_prob, typed.tokens, path)]
    for length in range(SPELL_LIMIT):
        rows = model.batch_log_probs([state for _, _, _, state in beam])
        grown: list[tuple[float, str, tuple[int, ...], State, int]] = []
        for (text, log_prob, tokens, _), row in zip(beam, rows, strict=True):
            if length == 0:
                for token in _favourites(row, kinds.whole, FIRST_WORDS):
                    word = model.vocabulary.token_text(token)
                    yield Word(word, log_prob + float(row[token]), typed.origin, (*tokens, token))
            elif text.strip():
                over = float(np.log(np.exp(row[kinds.boundary]).sum()))
                yield Word(text, log_prob + over, typed.origin, tokens)
        floor = max(typed.log_prob + LEAST, _nth_best(found, count) + BEHIND)
        for (text, log_prob, tokens, state), row in zip(beam, rows, strict=True):
            letters = kinds.letters_within if text else kinds.letter_tokens
            for token in _most_likely(row, letters, BEAM):
                if log_prob + float(row[token]) > floor:
                    letter = model.vocabulary.token_text(token)
                    grown.append((log_prob + float(row[token]), text + letter, (*tokens, token), state, token))
        if not grown:
            return
        grown = sorted(grown, key=lambda way: way[0], reverse=True)[:BEAM]
        states = model.step([way[3] for way in grown], [way[4] for way in grown])
        beam = [(way[1], way[0], way[2], state) for way, state in zip(grown, states, strict=True)]


@dataclass(frozen=True)
class Phrase(Generic[State]):
    """Words in a row, the probability of those after the first, and the state after them."""

    text: str
    log_prob: float
    words: int
    state: State


def phrases(model: LanguageModel[State], word: Word[State], words: int, least: float) -> Iterator[Phrase[State]]:
    """Yield the likeliest phrases that begin with `word`, by beam search over whole words, up to the sentence's end.

    Args:
        words: the most words of a phrase.
        least: phrases less likely than this, as a log-probability given the first word, are given up.
    """
    kinds = model.vocabulary.kinds
    beam = [Phrase(word.text, 0.0, 1, read(model, word.origin, word.tokens))]
    for number in range(2, words + 1):
        beam = [phrase for phrase in beam if not phrase.text.endswith((".", "?", "!"))]
        if not beam:
            return
        rows = model.batch_log_probs([phrase.state for phrase in beam])
        grown = [
            (phrase.log_prob + float(row[token]), phrase, token)
            for phrase, row in zip(beam, rows, strict=True)
            for token in _favourites(row, kinds.next, PHRASE_BEAM)
            if phrase.log_prob + float(row[token]) > least
        ]
        grown = sorted(grown, key=lambda way: way[0], reverse=True)[:PHRASE_BEAM]
        if not grown:
            return
        states = model.step([phrase.state for _, phrase, _ in grown], [token for _, _, token in grown])
        beam = [
            Phrase(phrase.text + model.vocabulary.token_text(token), log_prob, number, state)
            for (log_prob, phrase, token), state in zip(grown, states, strict=True)
        ]
        yield from beam


def _nth_best(found: dict[str, Word[State]], count: int) -> float:
    """Return the log-probability of the count-th likeliest word, -inf where there are fewer."""
    if len(found) < count:
        return -math.inf
    return sorted((word.log_prob for word in found.values()), reverse=True)[count - 1]


def _most_likely(row: Array, tokens: npt.NDArray[np.int64], count: int) -> list[int]:
    """Return the `count` of `tokens` with the highest values in `row`."""
    if len(tokens) > count:
        tokens = tokens[np.argpartition(-row[tokens], count)[:count]]
    return [int(token) for token in tokens]


def _favourites(row: Array, wanted: npt.NDArray[np.bool_], count: int) -> list[int]:
    """Return the `count` highest of the tokens (V,) that are `wanted`, but none that is far less likely than the first.

    Looking at the few that are near is several times faster than sorting them all.
    """
    near = np.flatnonzero(row > row.max() + FAR_BEHIND)
    return _most_likely(row, near[wanted[near]], count)

"""Counts against counting by hand, and the n-gram model against the formula written out."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoints import CHARACTERS, WORDS
from rnnchat.counts import MOST_LEARNED, LiveCounts, StoredCounts
from rnnchat.ngram import HISTORY, HistoryModel, NgramModel
from rnnchat.train.counts import count_runs
from rnnchat.vocabulary import DOCUMENT, Vocabulary

VOCABULARY = Vocabulary("word", CHARACTERS + WORDS)
SIZE = len(VOCABULARY)
TOKENS = st.lists(st.integers(259, 263), min_size=2, max_size=60)


def stored(tokens: list[int], longest: int = 3, most: int = 1_000_000) -> StoredCounts:
    return StoredCounts(count_runs(np.array(tokens, np.int32), SIZE, longest, most), SIZE)


def runs(tokens: list[int], length: int) -> Counter[tuple[int, ...]]:
    return Counter(tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1))


@given(TOKENS)
@settings(max_examples=60, deadline=None)
def test_stored_counts_are_those_of_the_text(tokens: list[int]) -> None:
    counts = stored(tokens)
    for length in (1, 2):
        for context, often in runs(tokens, length).items():
            expected = {run[-1]: n for run, n in runs(tokens, length + 1).items() if run[:-1] == context}
            found = counts.followers(context)
            assert (found is not None) == bool(expected)
            if found is not None:
                assert dict(zip(found.tokens.tolist(), found.counts.tolist(), strict=True)) == expected
                assert found.total == max(often, sum(expected.values()))
    assert counts.followers((258,)) is None
    assert counts.followers((259, 258)) is None


def test_rare_runs_are_left_out_and_their_share_goes_to_shorter_contexts() -> None:
    tokens = [259, 260] * 20 + [259, 261, 259, 262]
    counts = stored(tokens, longest=2, most=2)
    found = counts.followers((259,))
    assert found is not None
    assert found.tokens.tolist() == [260]
    assert found.total == 22, "how often the context came is known even where its followers are not"
    row = np.exp(NgramModel(VOCABULARY, counts, counts.unigram).log_probs((259,)))
    assert row[262] > 0
    assert row.sum() == pytest.approx(1, abs=1e-5)


@given(TOKENS, st.integers(0, 59))
@settings(max_examples=60, deadline=None)
def test_probabilities_are_those_of_the_formula(tokens: list[int], end: int) -> None:
    counts = stored(tokens)
    model = NgramModel(VOCABULARY, counts, counts.unigram)
    state = tuple(tokens[: end + 1][-2:])
    expected = (np.bincount(tokens, minlength=SIZE) + 0.5) / (len(tokens) + 0.5 * SIZE)
    for length in (1, 2):
        followers = {run[-1]: n for run, n in runs(tokens, length + 1).items() if run[:-1] == state[-length:]}
        if not followers or len(state) < length:
            break
        discount = counts.discount(length)
        total = max(runs(tokens, length)[state[-length:]], sum(followers.values()))
        own = np.zeros(SIZE)
        for token, often in followers.items():
            own[token] = max(often - discount, 0) / total
        expected = own + (1 - own.sum()) * expected
    assert np.allclose(np.exp(model.log_probs(state)), expected, atol=1e-5)


@given(TOKENS, TOKENS)
@settings(max_examples=40, deadline=None)
def test_what_is_learned_counts_at_once_and_is_forgotten_without_a_trace(first: list[int], second: list[int]) -> None:
    counts = LiveCounts(usual=2)
    counts.learn(first)
    counts.learn(second)
    for one, other in pairwise(second):
        found = counts.followers((one,))
        assert found is not None
        assert other in found.tokens
    total = counts.followers(())
    assert total is not None
    assert total.total == len(first) + len(second)
    counts.forget()
    nothing = LiveCounts(usual=2)
    nothing.changes = counts.changes
    assert vars(counts) == vars(nothing)


def test_a_spelled_word_is_known_by_longer_contexts() -> None:
    letters = VOCABULARY.spell(" zabcdef")
    counts = LiveCounts(2, VOCABULARY.kinds.letter)
    counts.learn([*VOCABULARY.encode(" the"), *letters])
    assert counts.followers(letters[:7]) is not None
    assert counts.followers([*VOCABULARY.encode(" the"), *letters[:4]]) is None, "not beyond the word"


def test_the_oldest_is_forgotten_where_the_memory_is_full() -> None:
    counts = LiveCounts(usual=1)
    half = MOST_LEARNED // 2
    counts.learn([259, 260] * (half // 2))
    counts.learn([261] * half)
    assert counts.followers((259,)) is not None
    counts.learn([262] * 10)
    assert len(counts) <= MOST_LEARNED
    assert counts.followers((259,)) is None, "not even an empty table is left"
    counts.learn([262] * (3 * MOST_LEARNED))
    assert len(counts) <= MOST_LEARNED


def test_history_expects_what_followed_before() -> None:
    model = HistoryModel(VOCABULARY)
    state = model.start()
    assert model.predict(state).evidence.total == 0
    for token in [270, 271, 272, 280, 270, 271]:
        state = model.step([state], [token])[0]
    row = np.exp(model.log_probs(state))
    assert row.argmax() == 272
    assert row.sum() == pytest.approx(1, abs=1e-5)
    assert model.predict(state).evidence.length == 2
    for token in range(259, 259 + 30):
        state = model.step([state] * 3, [token] * 3)[0]
    for _ in range(HISTORY):
        state = model.step([state], [290])[0]
    assert len(state) <= HISTORY + 1
    assert np.exp(model.log_probs(state))[272] == 0, "bounded: what is far back is no longer looked at"


def test_states_are_values() -> None:
    counts = stored([259, 260, 261] * 5)
    counting = NgramModel(VOCABULARY, counts, counts.unigram)
    assert counting.start() == (DOCUMENT,)
    history = HistoryModel(VOCABULARY)
    state = history.step([history.start()], [260])[0]
    row, kept = history.log_probs(state), state.copy()
    history.step([state, state], [259, 260])
    assert np.array_equal(state, kept)
    assert np.array_equal(history.log_probs(state), row)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda a: a | {"tokens_2": a["tokens_2"][:-1]}, "do not fit"),
        (lambda a: a | {"children_1": a["children_1"] + np.uint16(1)}, "do not fit"),
        (lambda a: a | {"children_1": a["children_1"][:-1]}, "do not fit"),
        (lambda a: a | {"tokens_2": a["tokens_2"] + np.uint16(SIZE)}, "another vocabulary"),
        (lambda a: a | {"discounts": np.array([np.nan, 0.5], np.float32)}, "discounts"),
        (lambda a: a | {"discounts": np.array([1.5, 0.5], np.float32)}, "discounts"),
    ],
)
def test_counts_that_do_not_fit_are_refused(change: object, what: str) -> None:
    arrays = count_runs(np.array([259, 260, 261, 259, 260] * 3, np.int32), SIZE, 3)
    with pytest.raises(ValueError, match=what):
        StoredCounts(change(arrays), SIZE)  # type: ignore[operator]

"""Vocabularies lose nothing, whatever the text."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnchat.errors import ModelError
from rnnchat.vocabulary import FIRST_TOKEN, SPECIALS, Vocabulary, pieces

SAMPLE = "The cat sat on the mat. The cat sat. I don't know what it's called, but the cat sat on it. Naïve café!"
VOCABULARIES = [
    Vocabulary.from_counts("char", Counter(SAMPLE), Counter(), 400),
    Vocabulary.from_counts("word", Counter(SAMPLE), Counter(pieces(SAMPLE)), 400),
]
# Any code point, lone surrogates included, mixed with what the vocabularies know.
ANY_TEXT = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.text(alphabet="\ud800\udfff\U0001f44d\u202e\x00e\u0301", max_size=4),
        st.sampled_from(pieces(SAMPLE)),
    )
).map("".join)


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["char", "word"])
@given(text=ANY_TEXT)
def test_decode_undoes_encode(vocabulary: Vocabulary, text: str) -> None:
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids) == text
    assert all(len(SPECIALS) <= token < len(vocabulary) for token in ids), "text can never forge a turn"


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["char", "word"])
@given(text=ANY_TEXT, more=ANY_TEXT)
def test_what_is_settled_stays(vocabulary: Vocabulary, text: str, more: str) -> None:
    """Whatever is typed next, the ids of the settled part are those that the longer text begins with."""
    settled, open_piece = vocabulary.divide(text)
    assert vocabulary.decode(settled) + open_piece == text
    whole = vocabulary.encode(text + more)
    assert whole[: len(settled)] == settled


@given(ANY_TEXT)
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_a_known_word_is_one_token_and_an_unknown_one_is_spelled() -> None:
    word = VOCABULARIES[1]
    assert len(word.encode(" cat")) == 1
    assert len(word.encode(" Zebulon")) == len(b" Zebulon") or len(word.encode(" Zebulon")) == 8
    assert word.decode(word.encode(" Zebulon")) == " Zebulon"


def test_ranges_of_prefixes() -> None:
    word = VOCABULARIES[1]
    texts = {word.token_text(int(token)) for token in word.starting_with(" s")}
    assert " sat" in texts
    assert all(text.startswith(" s") and text != " s" for text in texts)
    every = {text for text in word.tokens if text.startswith(" ") and text != " "}
    assert {word.token_text(int(token)) for token in word.starting_with(" ")} == every


def test_same_counts_give_the_same_vocabulary() -> None:
    counts = [Counter(pieces(SAMPLE)), Counter(reversed(pieces(SAMPLE)))]
    first, second = (Vocabulary.from_counts("word", Counter(SAMPLE), count, 380) for count in counts)
    assert first == second
    assert len(first) <= 380


@pytest.mark.parametrize("tokens", [[], [""], ["a", "a"], ["ab"], ["\ud800"], [1]])
def test_what_is_no_vocabulary(tokens: list[str]) -> None:
    with pytest.raises(ModelError):
        Vocabulary("char", tokens)


def test_bytes_that_are_no_text_do_not_fail() -> None:
    assert VOCABULARIES[0].decode([FIRST_TOKEN - 1, FIRST_TOKEN - 2]) == "\ufffd\ufffd"

"""What reaches a terminal cannot move its cursor, hide or reorder anything."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnchat.hygiene import MOST_MARKS, Mode, clean, is_bad, is_presentable

HOSTILE = "\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\x9d\xad\u200b\u200c\u200d\u200e\u202e\u2028\u2066\ufeff\ufe0f\u2800\u3164"
MARKS = "\u0300\u0301\u0323\u0338\u0344\u0489\u093f\u094d\u20e3"
TEXTS = st.text(
    st.one_of(
        st.characters(), st.sampled_from(HOSTILE + MARKS + "a>[e\u1ea1\u0915\u0645\u1100\u1161\u11a8\u09c7\u09be❤👩💻")
    ),
    max_size=60,
)
JOINERS = {"\u200c", "\u200d", "\ufe0f"}


@given(TEXTS)
def test_a_line_holds_no_bad_character(text: str) -> None:
    assert not [c for c in clean(text, "line") if is_bad(c)]


@given(TEXTS)
def test_a_block_holds_no_bad_character_but_newlines_and_joiners(text: str) -> None:
    shown = clean(text, "block")
    assert not [c for c in shown if is_bad(c) and c != "\n" and c not in JOINERS]
    assert not JOINERS & set(shown[:1] + shown[-1:]) - {"\ufe0f"}


@given(TEXTS, st.sampled_from(("line", "block")))
def test_cleaning_twice_changes_nothing(text: str, mode: Mode) -> None:
    assert clean(clean(text, mode), mode) == clean(text, mode)


@given(TEXTS, st.sampled_from(("line", "block")))
def test_marks_stand_on_a_base_and_are_few(text: str, mode: Mode) -> None:
    run = MOST_MARKS
    for character in clean(text, mode):
        run = run + 1 if unicodedata.category(character)[0] == "M" and character != "\ufe0f" else 0
        assert run <= MOST_MARKS
    assert not unicodedata.category((clean(text, mode) or "a")[0]).startswith("M")


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)), st.sampled_from(("line", "block")))
def test_plain_ascii_stays(text: str, mode: Mode) -> None:
    assert clean(text, mode) == text
    assert is_presentable(text)


@given(TEXTS)
def test_only_what_stays_as_it_is_is_presentable(text: str) -> None:
    assert is_presentable(text) == (clean(text, "line") == unicodedata.normalize("NFC", text))
    if any(map(is_bad, text)):
        assert not is_presentable(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b[31m", "^[[31m"),
        ("\x1b\x1b[31m[31m", "^[^[[31m[31m"),
        ("\x9b2J", "<9b>2J"),
        ("a\x7f\x00", "a^?^@"),
        ("txt.\u202eexe", "txt.<U+202E>exe"),
        ("a\tb\nc\r", "a^Ib^Jc^M"),
        ("\ud800", "<U+D800>"),
        ("\U000e0041", "<U+E0041>"),
        ("\ue000", "<U+E000>"),
        ("a\u3000b", "a<U+3000>b"),
        ("\u0301a", "<U+0301>a"),
        ("\u202e\u0338", "<U+202E><U+0338>"),
        ("e\u0301", "é"),
        ("o" + "\u0335" * 9, "o" + "\u0335" * 4),
        ("naïve 漢字 Ünï", "naïve 漢字 Ünï"),
    ],
)
def test_visible_forms(text: str, line: str) -> None:
    assert clean(text, "line") == line


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("a\tb\nc", "a    b\nc"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("a\u200db", "a<U+200D>b"),
        ("a\u200cb", "a<U+200C>b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\ufe0f", "a<U+FE0F>"),
    ],
)
def test_blocks_keep_what_writing_needs(text: str, block: str) -> None:
    assert clean(text, "block") == block


def test_a_chain_of_joined_emoji_is_cut() -> None:
    assert "<U+200D>" in clean("\u200d".join("👩" * 40), "block")


def test_very_many_marks_take_no_time() -> None:
    start = time.perf_counter()
    assert len(clean("a" + "\u0301\u0323" * 100_000, "line")) <= 1 + MOST_MARKS
    assert time.perf_counter() - start < 2

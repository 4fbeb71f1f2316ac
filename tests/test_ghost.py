"""The rules of suggestions, without a terminal: what stays, what comes back, what may be accepted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.document import Document

from rnnchat.tui.cells import clip, graphemes, row_starts, shown, width, wrap_spans
from rnnchat.tui.ghost import Ghost


class Text:
    """A text whose suggestions are answered by hand."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.withdrawn = 0
        self.ghost = Ghost(lambda document: document.text_before_cursor, self.asked.append, self._withdraw)

    def _withdraw(self) -> None:
        self.withdrawn += 1

    def at(self, text: str, cursor: int | None = None) -> Document:
        document = Document(text, len(text) if cursor is None else cursor)
        self.ghost.follow(document)
        return document

    def seen(self, document: Document, columns: int = 80) -> str:
        painted = self.ghost.paint(document, columns)
        assert self.ghost.visible(document) in painted
        return painted


@pytest.fixture
def text() -> Text:
    return Text()


def test_a_suggestion_is_seen_and_may_be_accepted(text: Text) -> None:
    document = text.at("see you")
    assert text.asked == ["see you"]
    assert text.seen(document) == ""
    assert text.ghost.offer("see you", [" tomorrow morning"])
    assert text.ghost.visible(document) == "", "what was not painted yet may not be accepted"
    assert text.seen(document) == " tomorrow morning"
    assert text.ghost.visible(document) == " tomorrow morning"
    assert text.ghost.first_word(document) == " tomorrow"
    assert text.ghost.first_character(document) == " "


def test_an_answer_for_another_text_is_dropped(text: Text) -> None:
    text.at("see you")
    document = text.at("see yo")
    assert not text.ghost.offer("see you", [" tomorrow"])
    assert text.seen(document) == ""


def test_it_stays_while_it_is_typed_into(text: Text) -> None:
    text.at("k")
    text.ghost.offer("k", ["nock, knock"])
    document = text.at("kn")
    assert text.seen(document) == "ock, knock", "at once, without the model"
    text.ghost.offer("kn", ["ees", "ife"])
    assert text.seen(document) == "ock, knock", "who types into a suggestion keeps it"
    text.ghost.offer("kn", ["ock, knock. Who"])
    assert text.seen(document) == "ock, knock. Who", "it may grow"


def test_it_comes_back_after_a_typo_and_a_backspace(text: Text) -> None:
    document = text.at("kno")
    text.ghost.offer("kno", ["ck, knock"])
    assert text.seen(document) == "ck, knock"
    assert text.seen(text.at("knox")) == ""
    assert text.seen(text.at("kno")) == "ck, knock", "at once"


def test_never_in_the_middle_of_a_line_and_never_in_a_selection(text: Text) -> None:
    document = text.at("see you", 3)
    assert not text.asked
    assert text.withdrawn
    assert not text.ghost.offer("see", [" it"])
    assert text.seen(document) == ""
    at_line_end = text.at("see\nyou", 3)
    assert text.asked == ["see"]
    text.ghost.offer("see", [" it"])
    assert text.seen(at_line_end) == " it"


def test_dismissed_until_something_is_inserted(text: Text) -> None:
    document = text.at("see you")
    text.ghost.offer("see you", [" tomorrow"])
    assert text.seen(document)
    text.ghost.dismiss()
    assert text.seen(document) == text.ghost.visible(document) == ""
    document = text.at("see yo")
    text.ghost.offer("see yo", ["u"])
    assert text.seen(document) == "", "deleting is no insertion"
    document = text.at("see you")
    assert text.seen(document) == " tomorrow"


def test_alternatives(text: Text) -> None:
    document = text.at("with")
    text.ghost.offer("with", [" ham"])
    text.ghost.consider("with", [" ham", " olives", " bacon"])
    for expected in (" ham", " olives", " bacon", " ham"):
        assert text.seen(document) == expected
        text.ghost.cycle(1)
    text.ghost.cycle(-1)
    text.ghost.cycle(-1)
    assert text.seen(document) == " bacon"
    assert text.seen(text.at("with x")) == ""
    assert text.seen(text.at("with")) == " bacon", "the chosen one comes back"


def test_what_is_too_unsure_is_shown_only_when_asked_for(text: Text) -> None:
    document = text.at("with")
    text.ghost.offer("with", [])
    text.ghost.consider("with", [" ham", " olives"])
    assert text.seen(document) == ""
    text.ghost.cycle(1)
    assert text.seen(document) == " ham"


def test_off_and_on(text: Text) -> None:
    document = text.at("with")
    text.ghost.offer("with", [" ham"])
    assert text.seen(document)
    text.ghost.switch(False)
    assert text.seen(document) == ""
    text.ghost.switch(True)
    assert text.asked[-1] == "with"
    text.ghost.offer("with", [" ham"])
    assert text.seen(document) == " ham"


WORDS = st.text(st.sampled_from("ab é日👍🏽👩‍👧🇩🇪\t\u0301"), max_size=12)


@given(WORDS, WORDS, st.integers(0, 20))
def test_what_is_accepted_is_what_was_seen_and_fits(typed: str, suggestion: str, columns: int) -> None:
    text = Text()
    document = text.at(typed)
    text.ghost.offer(typed, [suggestion])
    painted = text.ghost.paint(document, columns)
    accepted = text.ghost.visible(document)
    assert suggestion.startswith(accepted)
    assert width(shown(painted)) <= columns
    if painted:
        assert accepted == painted
        assert accepted.startswith(text.ghost.first_word(document))
        assert accepted.startswith(text.ghost.first_character(document)) and text.ghost.first_character(document)
    assert text.ghost.visible(Document(typed + "x")) == ""


@given(st.text(), st.integers(1, 30))
def test_rows_hold_every_character_and_fit(line: str, columns: int) -> None:
    text = shown(line.replace("\n", " "))
    starts = row_starts(text, columns)
    assert starts[0] == 0 and starts == sorted(set(starts))
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        row = text[start:end]
        assert width(row.rstrip(" ")) <= columns or len(row.rstrip(" ")) == 1
    joined = "".join(part for row in wrap_spans([("", line)], columns) for _, part in row)
    assert joined.replace(" ", "") == "".join(shown(part) for part in line.expandtabs().split("\n")).replace(" ", "")


@given(st.text())
def test_graphemes_are_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text
    assert clip(text, 0).strip() == "" or width(shown(clip(text, 0))) == 0


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("👩‍👧", "👩👧"), ("👍🏽", "👍"), ("❤️", "❤"), ("🇩🇪", "DE"), ("a\u202eb", "a<U+202E>b"), ("\x1b[2J", "^[[2J"),
        ("e\u0301", "e\u0301"), ("日本", "日本"), ("\u0301x", "<U+0301>x"), ("a\u200bb", "a<U+200B>b"),
    ],
)  # fmt: skip
def test_forms_on_which_all_terminals_agree(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_clip_keeps_words_whole() -> None:
    assert clip(" tomorrow morning", 12) == " tomorrow"
    assert clip(" tomorrow morning", 9) == " tomorrow"
    assert clip(" tomorrow", 4) == " tom"
    assert clip("日本語", 5) == "日本"

"""What the inside view tells of the attention head: the truth, at every key, in little memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_app import play, typed
from test_network import TOKENS, make_network, model_of

from benchmarks.app_screen import AppScreen
from rnnchat.pointer import Pointer
from rnnchat.recurrent import RecurrentModel
from rnnchat.text import Turn
from rnnchat.train.export import weights_as_arrays
from rnnchat.tui.events import Inside, Looked
from rnnchat.tui.panels import draw_inside, share_rows
from rnnchat.tui.theme import choose_theme
from rnnchat.tui.watcher import SIGNS, Watcher, letters
from rnnchat.vocabulary import BOT, DOCUMENT, FIRST_TOKEN, USER


def pointing(cell: str = "lstm") -> tuple[RecurrentModel, Pointer]:
    network = make_network(cell, attention=16)
    return model_of(network, int8=False), Pointer(network.config, weights_as_arrays(network))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
def test_it_looks_where_torch_looks(cell: str, tied: bool) -> None:
    network = make_network(cell, tied, attention=16)
    model, pointer = model_of(network, int8=False), Pointer(network.config, weights_as_arrays(network))
    tokens = [DOCUMENT, *np.random.default_rng(1).integers(FIRST_TOKEN, len(TOKENS), 300).tolist()]
    tokens[200:230] = tokens[100:130]  # something said twice
    tokens[190], tokens[240] = USER, BOT
    with torch.no_grad():
        features, end = network(torch.tensor(tokens)[:, None], network.start(1))
        looks = network.look_back(features, end)
    state = model.start()
    for place, token in enumerate(tokens):
        if place:
            state = model.step([state], [token])[0]
        seen = pointer.look(state)
        assert np.abs(seen.weights - looks.weights[0, place, : place + 1].numpy()).max() < 1e-4
        assert abs(seen.copies - (1 - torch.sigmoid(looks.gate[0, place]).item())) < 1e-4


def last(events: Iterator[Looked | None]) -> Looked | None:
    """Return what is seen in the end."""
    seen = None
    for event in events:
        seen = event or seen
    return seen


MESSAGES = st.text(st.sampled_from("abcxyz"), min_size=1, max_size=40)


@given(st.lists(st.tuples(MESSAGES, MESSAGES), max_size=4), st.lists(MESSAGES, max_size=6), st.data())
@settings(max_examples=100, deadline=None)
def test_however_one_got_there_it_is_the_same(
    exchanges: list[tuple[str, str]], drafts: list[str], data: st.DataObject
) -> None:
    model, pointer = POINTING
    watcher = Watcher(model, pointer, "full")
    turns: list[Turn] = []
    for message, reply in [("", ""), *exchanges]:
        if message:
            turns = [*turns, Turn("user", message), Turn("bot", reply)]
        for draft in [*drafts, ""]:
            events = watcher.watch(turns, draft)
            for _ in range(data.draw(st.integers(0, 3))):  # a newer key comes: it is given up
                next(events, None)
            here, anew = last(watcher.watch(turns, draft)), last(Watcher(model, pointer, "full").watch(turns, draft))
            assert (here is None) == (anew is None) == (not draft and not turns)
            if here and anew:
                assert (here.text, here.reply) == (anew.text, anew.reply)
                assert np.allclose(here.weights, anew.weights, atol=1e-5) and abs(here.copies - anew.copies) < 1e-5


POINTING = pointing()


@pytest.mark.parametrize("letters_read", range(1, 40))
def test_a_reply_given_up_at_any_place_is_read_again(letters_read: int) -> None:
    turns = [Turn("user", "abc"), Turn("bot", "x" * letters_read)]
    watcher = Watcher(*POINTING, "full")
    for _ in range(3):
        next(watcher.watch(turns, ""), None)
    here, anew = last(watcher.watch(turns, "")), last(Watcher(*POINTING, "full").watch(turns, ""))
    assert here is not None and anew is not None
    assert np.allclose(here.weights, anew.weights, atol=1e-5)


def test_the_weights_belong_to_the_letters() -> None:
    model, pointer = POINTING
    turns = [Turn("user", "abc"), Turn("bot", "xyz")]
    seen = last(Watcher(model, pointer, "full").watch(turns, "def"))
    assert seen is not None and not seen.reply
    assert seen.text == "›abc↵xyz›def"
    state = model.start()
    for token in [USER, *TOKENS.encode("abc"), BOT, *TOKENS.encode("xyz"), USER, *TOKENS.encode("def")]:
        state = model.step([state], [token])[0]
    assert np.allclose(seen.weights, pointer.look(state).weights[1:], atol=1e-5), "all but <document>"
    message_only = last(Watcher(model, pointer, "message").watch(turns, "def"))
    assert message_only is not None and message_only.text == "›def"


def test_characters_outside_the_vocabulary_have_one_weight_each() -> None:
    tokens = [USER, *TOKENS.encode("a日👍b")]
    text, spread = letters(TOKENS, tokens, np.ones(len(tokens), np.float32))
    assert text == SIGNS[USER] + "a日👍b" and len(spread) == len(text)
    assert sum(spread) == pytest.approx(len(tokens))


def test_what_is_looked_at_is_seen_however_far_back() -> None:
    text = "›my name is Zorblat↵" + "nice to meet you. " * 20 + "›what is"
    weights = tuple(0.9 if place == 12 else 0.1 / len(text) for place in range(len(text)))
    looked = Looked("chat", text, weights, 0.5, False)
    inside = Inside((), "", "what is", (1.0,) * 7, (0.1,) * 20, 0.1, False)
    for columns in (40, 80, 120):
        rows = draw_inside(inside, looked, columns, 12, choose_theme("dark", False))
        row = next("".join(part for _, part in row) for row in rows if row and row[0][1].startswith("looks at"))
        assert "Zorb" in row and row.endswith("what is") and "…" in row and len(row) <= columns
    words = draw_inside(inside, looked, 200, 12, choose_theme("dark", True))
    assert any("looks at: Zorblat 9" in part for row in words for _, part in row)


def test_a_newcomer_sees_a_name_being_copied_at_one_key() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f1")
        await screen.shows("Try this")
        screen.type("3")
        await screen.shows("› What is my name?")
        await screen.settled()
        row = next(line for line in screen.lines if line.startswith("copied "))
        assert "Zorblat" in row

    play(scene, columns=120, rows=40, make_voices=None)


@given(st.integers(1, 40), st.booleans(), st.booleans(), st.booleans())
def test_the_rows_are_shared_out(rows: int, looked: bool, hidden: bool, plain: bool) -> None:
    shares = share_rows(rows, looked, hidden, plain)
    assert 1 <= sum(shares.values()) <= rows and shares["words"] >= 1
    assert (looked or not shares["looks"]) and (hidden or not shares["hidden"])


def test_the_chat_page_shows_what_the_answering_network_looks_at() -> None:
    async def scene(screen: AppScreen) -> None:
        screen.press("f4")
        await screen.shows("hidden state")
        assert "looks at" not in screen.text, "nothing was said yet"
        strips = set()
        for character in "My name is Zorb":
            await typed(screen, character)
            row = next(number for number, line in enumerate(screen.lines) if line.startswith("looks at"))
            assert screen.lines[row].endswith("›" + screen.draft.rstrip())
            strips.add(tuple(screen.terminal.screen.buffer[row][column].bg for column in range(80)))
        assert len(strips) > 10, "it is looked anew at every key"
        await screen.shows("inside everyday; chat answers")
        screen.press("enter")
        await screen.shows("copied ")
        copied = next(line for line in screen.lines if line.startswith("copied "))
        assert "›My name is Zorb↵" in copied
        screen.press("f5")
        await screen.until(lambda: screen.app.page == "write")
        await typed(screen, "Dear")
        assert "looks at" not in screen.text and "copied" not in screen.text, "everyday has no such head"

    play(scene, make_voices=None, rows=30)

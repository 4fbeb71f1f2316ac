"""The Completer: the same answers however one got to a text, and only what can be inserted."""

from __future__ import annotations

import math
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoints import CHARACTERS, tiny_checkpoint
from rnnchat.complete import Calibration, Completer, repeats
from rnnchat.counts import LiveCounts
from rnnchat.decode import next_words, sample
from rnnchat.hygiene import is_presentable
from rnnchat.mixture import mix
from rnnchat.model import Array, read, surprise
from rnnchat.offensive import is_offensive
from rnnchat.quality import first_word, fits, type_text
from rnnchat.recurrent import RecurrentModel
from rnnchat.text import clean_text
from rnnchat.trail import KEPT_STATES, Trail, shared_length
from rnnchat.vocabulary import DOCUMENT, Vocabulary

MODELS = {unit: RecurrentModel(tiny_checkpoint(unit=unit)) for unit in ("char", "word")}
WORDS = st.sampled_from(
    [
        "the",
        " the",
        " cat",
        " pizza",
        " ca",
        "hello",
        " is",
        "n't",
        "don'",
        "'",
        ".",
        ",",
        " ",
        "\n",
        "x",
        "zebra",
        "é",
        "👍",
    ]
)
TEXTS = st.lists(WORDS, max_size=12).map("".join)


@pytest.mark.parametrize("unit", ["char", "word"])
@given(texts=st.lists(TEXTS, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_kept_states_change_no_answer(unit: str, texts: list[str]) -> None:
    """Typing on, deleting, editing in the middle: a Completer that went through it all answers as a new one."""
    used = Trail(MODELS[unit])
    for text in texts:
        state, open_piece = used.follow(text)
        fresh_state, fresh_piece = Trail(MODELS[unit]).follow(text)
        assert open_piece == fresh_piece
        assert np.array_equal(state.features, fresh_state.features)
        exact = read(MODELS[unit], MODELS[unit].start(), MODELS[unit].vocabulary.divide(text)[0])
        assert np.array_equal(state.features, exact.features)


@given(parts=st.lists(st.sampled_from(["the ", "cat", "\r", "\n", "\r\n", "\x1b", "é", " is"]), max_size=8))
@settings(max_examples=60, deadline=None)
def test_typing_on_cleans_as_one_text(parts: list[str]) -> None:
    used = Completer(MODELS["char"])
    for end in range(len(parts) + 1):
        text = "".join(parts[:end])
        assert used._clean(text) == clean_text(text)


@pytest.mark.parametrize("unit", ["char", "word"])
def test_a_key_costs_few_steps_and_a_backspace_none(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = RecurrentModel(tiny_checkpoint(unit=unit))  # type: ignore[arg-type]
    steps = 0
    real = model.step

    def counted(states: list[object], tokens: list[int]) -> object:
        nonlocal steps
        steps += len(tokens)
        return real(states, tokens)  # type: ignore[arg-type]

    monkeypatch.setattr(model, "step", counted)
    trail = Trail(model)
    text = "the cat is good. hello the pizza is good "
    for end in range(1, len(text)):
        trail.follow(text[:end])
    assert steps <= len(text), "each character is read once at most, whatever the number of keys"
    steps = 0
    for end in range(len(text) - 1, 5, -1):
        trail.follow(text[:end])
    assert steps <= (0 if unit == "char" else 8)


@pytest.mark.parametrize("unit", ["char", "word"])
def test_a_short_text_may_follow_a_long_one(unit: str) -> None:
    completer = Completer(MODELS[unit])
    completer.complete("the cat is good " * 2_000)
    assert completer.complete("hello", 3, False) == Completer(MODELS[unit]).complete("hello", 3, False)
    completer.complete("the cat is good " * 2_000)
    assert completer.complete("", 3, False) == Completer(MODELS[unit]).complete("", 3, False)


def test_memory_is_bounded() -> None:
    trail = Trail(MODELS["char"])
    text = "the cat is good. " * 400
    for step in (3, 2_000):  # typed, and pasted in large parts
        for end in range(0, len(text), step):
            trail.follow(text[:end])
            assert len(trail._kept) <= KEPT_STATES
    assert trail._kept[0].offset == 0


@pytest.mark.parametrize("unit", ["char", "word"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x" * 1_000_000,
        "a b " * 250_000,
        "日本語のテキスト",
        "\x1b[31m\x07",
        "\ud800\udfff",
        "abc \u202eשלום",
        "'" * 300,
        "\n\n\n",
        "👍🏽" * 50,
    ],
    ids=["empty", "space", "megabyte", "long", "script", "control", "surrogates", "bidi", "quotes", "lines", "emoji"],
)
def test_any_text_has_an_answer_or_silence(unit: str, text: str) -> None:
    checkpoint = tiny_checkpoint(unit=unit)  # type: ignore[arg-type]
    mixture = mix(MODELS[unit], checkpoint, LiveCounts())
    for completer in (Completer(MODELS[unit]), Completer(MODELS[unit], "message"), Completer(mixture)):
        completer.learn(text[:2_000])
        suggestions = completer.complete(text, 3, confident=False)
        assert len(suggestions) <= 3
        for suggestion in suggestions:
            assert suggestion.text.strip()
            assert "\n" not in suggestion.text
            assert is_presentable(suggestion.text)
            assert 0 <= suggestion.probability <= 1


def test_suggestions_differ_and_the_threshold_holds() -> None:
    completer = Completer(MODELS["word"], threshold=0.1)
    found = completer.complete("hello", 5, confident=False)
    assert len({first_word(suggestion.text) for suggestion in found}) == len(found)
    sure = completer.complete("hello", 5)
    assert all(suggestion.probability >= 0.1 for suggestion in sure)


def test_memory_message_forgets_the_lines_before() -> None:
    message = Completer(MODELS["char"], "message")
    assert message.complete("hello\nthe c", 3, False) == message.complete("good cat\nthe c", 3, False)
    full = Completer(MODELS["char"], "full")
    one, other = (full._trail.follow(text)[0].features for text in ("hello\nthe c", "good cat\nthe c"))
    assert not np.array_equal(one, other)


def test_words_have_the_probability_of_their_tokens() -> None:
    """The beam search against counting every way: all words of the tiny vocabulary after a given text."""
    model = MODELS["word"]
    state = read(model, model.start(), model.vocabulary.encode("hello"))
    row = model.log_probs(state)
    found = {word.text: word.log_prob for word in next_words(model, state, "", 40, lambda word: word.log_prob)}
    for text in (" cat", " pizza", "."):
        token = model.vocabulary.encode(text)[0]
        assert found[text] == pytest.approx(float(row[token]), abs=1e-5)
    # With " p" typed, " pizza" has its share of " p" spelled and " pizza" whole.
    partial = {
        word.text: math.exp(word.log_prob) for word in next_words(model, state, " p", 40, lambda word: word.log_prob)
    }
    pizza = model.vocabulary.encode(" pizza")[0]
    space, letter = model.vocabulary.encode(" p")
    spelled = float(row[space]) + float(model.log_probs(read(model, state, [space]))[letter])
    mass = np.exp(row[pizza]) + math.exp(spelled)
    assert partial["izza"] == pytest.approx(float(np.exp(row[pizza])) / mass, rel=1e-4)


def test_sampling_is_reproducible_and_stops() -> None:
    model = MODELS["char"]

    def draw(seed: int) -> list[int]:
        tokens = sample(model, model.start(), np.random.default_rng(seed), stop=(DOCUMENT,), limit=50)
        return [token for token, _ in tokens]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert len(draw(1)) <= 50
    greedy = [
        [token for token, _ in sample(model, model.start(), np.random.default_rng(s), temperature=0, limit=20)]
        for s in (1, 2)
    ]
    assert greedy[0] == greedy[1]


def test_surprise_is_the_sum_of_steps() -> None:
    model = MODELS["char"]
    tokens = model.vocabulary.encode("the cat is good " * 9)
    nats, end = surprise(model, model.start(), tokens)
    state, expected = model.start(), []
    for token in tokens:
        expected.append(-float(model.log_probs(state)[token]))
        state = model.step([state], [token])[0]
    assert np.allclose(nats, expected, atol=1e-5)
    assert np.array_equal(end.features, state.features)


@given(st.text(alphabet="ab c", max_size=12), st.text(alphabet="ab c", max_size=12))
def test_shared_length(one: str, other: str) -> None:
    length = shared_length(one, other)
    assert one[:length] == other[:length]
    assert length == min(len(one), len(other)) or one[length] != other[length]


class Oracle:
    """Suggests what it is told to, to count keys by hand."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers

    def complete(self, text: str, count: int, confident: bool) -> list[object]:
        from rnnchat.complete import Suggestion

        return [Suggestion(self.answers[text], 0.9)] if text in self.answers else []


def test_keys_are_counted_as_defined() -> None:
    oracle = Oracle({"I": " want to go", "I want to go ": "home and", "I want to go h": "ome."})
    # "I", take " want to go" and the space, first word of "home and" fits: 1 + 1 + 1, then " now": 4 keys.
    result = type_text(oracle, "I want to go home now", 1)  # type: ignore[arg-type]
    assert result.keys == 1 + 1 + 1 + len("now")
    assert result.accepted == [len(" want to go"), len("home")]
    assert type_text(Oracle({}), "plain text", 1).saved == 0  # type: ignore[arg-type]


def test_fitting() -> None:
    assert fits(" cat", " cat sat")
    assert not fits(" cat", " cats")
    assert fits(" cat", " cat")
    assert not fits("", "x")
    assert first_word(" pizza with") == " pizza"
    assert first_word("zza, and") == "zza"
    assert first_word(", and") == ","
    assert first_word(" don't go") == " don't"


def test_random_keys_never_fail() -> None:
    chance = random.Random(0)
    completer = Completer(MODELS["word"])
    text = ""
    for _ in range(300):
        text = text[: -chance.randrange(1, 4)] if chance.random() < 0.3 else text + chance.choice("abcdehilopstz '.,\n")
        completer.complete(text, chance.randrange(1, 4), chance.random() < 0.5)


class Fixed:
    """A model that always expects the same tokens, most likely first, whatever was said."""

    def __init__(self, *words: str) -> None:
        self.vocabulary = Vocabulary("word", [*CHARACTERS, *words])
        self.row = np.full(len(self.vocabulary), math.log(1e-6), np.float32)
        for place, word in enumerate(words):
            self.row[self.vocabulary.encode(word)[0]] = math.log(0.5) - place * math.log(2)

    def start(self) -> int:
        return 0

    def step(self, states: Sequence[int], tokens: Sequence[int]) -> list[int]:
        return [hash((state, token)) for state, token in zip(states, tokens, strict=True)]

    def log_probs(self, state: int) -> Array:
        return self.row

    def batch_log_probs(self, states: Sequence[int]) -> Array:
        return np.stack([self.row for _ in states])


def texts(completer: Completer, text: str, count: int = 3) -> list[str]:
    return [suggestion.text for suggestion in completer.complete(text, count, confident=False)]


def test_no_suggestion_says_again_what_was_just_said() -> None:
    completer = Completer(Fixed(" very", " much", " indeed"))
    assert texts(completer, "thank you very")[0].startswith(" much")
    assert not any(text.startswith(" very") for text in texts(completer, "thank you very"))
    # Nor does a phrase go round in circles.
    assert all(text.split().count("much") <= 2 for text in texts(completer, "thank you"))
    for text in ("so so", "a b a b", "to be or to be or"):
        assert repeats(text)
    for text in ("", "so", "so, so far", "a b b a", "ha! ha!"):
        assert not repeats(text)


def test_offensive_words_wait_until_the_person_has_written_them() -> None:
    model = Fixed(" shit", " sure", " good")
    assert all("shit" not in text for text in texts(Completer(model), "oh", 5))
    assert all("shit" not in text for text in texts(Completer(model), "oh s", 5)), "nor is a beginning finished"
    assert any("hit" in text for text in texts(Completer(model), "no shit here, s", 5))
    assert any("shit" in text for text in texts(Completer(model, offensive=True), "oh", 5))
    assert not is_offensive("Scunthorpe's assessment of classic cockpits")
    assert is_offensive("you, Bitch!")


def test_learning_is_immediate_and_forgetting_exact() -> None:
    folder = Path(__file__).parents[1] / "checkpoints" / "everyday"
    completer, fresh = Completer.load(folder), Completer.load(folder)
    texts_to_try = ["Dear Ms. Zwing", "Dear Ms.", "I met Zwingelberg", "See you at"]
    before = [completer.complete(text, 3, confident=False) for text in texts_to_try]
    completer.learn("Dear Ms. Zwingelberg,\nI met Zwingelberg again yesterday.\nSee you at Zwingelberg's.\n" * 3)
    assert completer.complete("Dear Ms. Zwing", 1, confident=False)[0].text.startswith("elberg")
    assert completer.complete("I met Zwingelberg", 1, confident=False)[0].text.startswith(" again")
    completer.forget()
    assert [completer.complete(text, 3, confident=False) for text in texts_to_try] == before
    assert [fresh.complete(text, 3, confident=False) for text in texts_to_try] == before


def test_a_name_from_above_is_finished_below() -> None:
    """The history: what the text itself has said comes again."""
    completer = Completer.load(Path(__file__).parents[1] / "checkpoints" / "everyday")
    letter = "Dear Mrs. Quennerby,\nMrs. Quennerby asked me to write.\nYours, Tom\n\nDear Mrs. Quen"
    assert texts(completer, letter, 1)[0].startswith("nerby")


def test_a_model_removed_while_in_use_goes_on(tmp_path: Path) -> None:
    folder = tiny_checkpoint(unit="word").save(tmp_path / "tiny")
    completer = Completer.load(folder)
    shutil.rmtree(folder)
    assert completer.complete("hello the", 3, confident=False)
    completer.learn("hello the pizza")
    completer.forget()


def test_probabilities_are_calibrated_before_the_threshold() -> None:
    model = Fixed(" very", " much")
    humble = Completer(model, threshold=0.3, calibration=Calibration(offset=-3.0))
    assert not humble.complete("thank you")
    assert humble.complete("thank you", confident=False)[0].probability < 0.1
    assert Completer(model, threshold=0.3).complete("thank you")[0].probability == pytest.approx(0.5, abs=0.01)


def test_words_are_found_in_other_capitals() -> None:
    model = Fixed(" London", " please", " lot", "thanks")
    assert texts(Completer(model), "i live in lond", 1)[0].startswith("on")
    assert texts(Completer(model), "I live in Lond", 1)[0].startswith("on")
    assert texts(Completer(model), "HELP PLEA", 1)[0].startswith("SE")
    assert texts(Completer(model), "Thank", 1)[0].startswith("s")
    assert texts(Completer(model), "a lo", 1)[0].startswith("t"), "as it was typed comes before other capitals"

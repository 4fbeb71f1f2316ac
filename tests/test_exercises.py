"""The exercises in remembering: reproducible, well formed, and never the same names on both sides."""

from __future__ import annotations

from random import Random

import pytest

from corpora.exercises import facts, orders
from corpora.exercises.fact_kinds import FACTS, Fact
from corpora.exercises.generate import dialogues, own_jokes
from corpora.exercises.names import Side, made_up, name, side_of, word

SIDES: tuple[Side, ...] = ("train", "test")


def test_a_seed_gives_the_same_dialogues() -> None:
    assert list(dialogues(50, 1, "train")) == list(dialogues(50, 1, "train"))
    assert list(dialogues(50, 1, "train")) != list(dialogues(50, 2, "train"))


def test_speakers_take_turns_and_the_chatbot_is_last() -> None:
    for dialogue in dialogues(500, 3, "train"):
        assert [turn[:3] for turn in dialogue] == ["U: ", "A: "] * (len(dialogue) // 2)


def test_names_of_the_two_sides_never_meet() -> None:
    chance, sides = Random(0), SIDES
    train, test = ({name(chance, side).lower() for _ in range(2_000)} for side in sides)
    assert not train & test
    for side in sides:
        assert all(side_of(word(chance, side, ("anna", "bob"))) == side for _ in range(500))
    share = sum(side_of(made_up(chance)) == "test" for _ in range(2_000)) / 2_000
    assert 0.15 < share < 0.25


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)
def test_values_of_the_two_sides_never_meet(fact: Fact) -> None:
    chance = Random(0)
    values = {side: {facts.draw(chance, side, (), (fact,)).value.lower() for _ in range(200)} for side in SIDES}
    assert not values["train"] & values["test"]


def test_an_order_is_summed_up_as_it_stands() -> None:
    chance = Random(1)
    for _ in range(300):
        order = orders.take(chance, "test", ())
        order.sum_up(chance, ("",), ("",))
        assert order.turns[-1].startswith("A: ")
        assert all(str(item) in order.turns[-1] for item in order.items)
        assert 1 <= len(order.items) <= 4


def test_our_own_jokes_are_enough() -> None:
    jokes = own_jokes()
    assert len(jokes) >= 300
    assert len({joke.punchline for joke in jokes}) >= 300


def test_the_benchmark_takes_a_right_reply_for_right() -> None:
    from benchmarks.talks import fact_cases, joke_cases, name_cases, opener_cases, order_cases, pairs

    suites = (opener_cases(), name_cases(200), joke_cases("bot"), joke_cases("user"), fact_cases(200), order_cases(200))
    for cases in suites:
        assert all(case.right(case.reply) for case in cases)
        assert not all(case.right("Zzyzx who?") for case in cases)
    assert not any(case.right(f"{case.reply[:-1]} and a stray thing.") for case in order_cases(50))
    for one, other in pairs(60):
        assert one.message == other.message
        assert one.history != other.history

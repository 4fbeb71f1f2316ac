"""The exercises in remembering: reproducible, well formed, and never the same names on both sides."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path
from random import Random
from string import Formatter

import pytest

from corpora.exercises import facts, orders
from corpora.exercises.fact_kinds import FACTS, Fact
from corpora.exercises.generate import dialogues, own_jokes
from corpora.exercises.names import Side, made_up, name, side_of, word
from corpora.other_words import about_other_things

ORDERING = Path(orders.__file__).parent / "ordering.toml"
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


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)
def test_a_kind_of_fact_is_told_and_asked_in_many_ways(fact: Fact) -> None:
    def places(form: str) -> list[str]:
        return [place for _, place, _, _ in Formatter().parse(form) if place is not None]

    for form in fact.tell + fact.change:
        assert places(form).count("v") == 1
        assert set(places(form)) <= {"v", "k", "o"}
    for form in (*fact.ask, fact.unknown):
        assert set(places(form)) <= {"k"}
    for form in fact.heard + fact.answer:
        assert set(places(form)) <= {"v", "k"}
    assert len(set(fact.tell)) == len(fact.tell) >= 40
    assert len(set(fact.ask)) == len(fact.ask) >= 40
    assert len(fact.change) >= 10
    if not any(fact.about):
        assert not any("k" in places(form) for form in fact.tell + fact.change + fact.ask + fact.heard + fact.answer)


def test_what_customers_say_has_a_place_for_what_they_want() -> None:
    phrases = tomllib.loads(ORDERING.read_text())
    wanted = {"openers": "x", "more": "x", "drop": "n", "swap": "ny", "recount": "y", "counted": "c"}
    for way, places in wanted.items():
        assert len(phrases[way]) >= 40
        for form in phrases[way]:
            assert {place for _, place, _, _ in Formatter().parse(form) if place} == set(places), form


def test_an_order_is_called_what_its_customer_would_call_it() -> None:
    chance = Random(2)
    for _ in range(300):
        order = orders.take(chance, "train", (), change=False)
        asked_for = " ".join(turn.lower() for turn in order.turns if turn.startswith("U: "))
        assert all(item.noun.split()[-1].lower().rstrip("s") in asked_for for item in order.items)


def test_an_order_is_summed_up_as_it_stands() -> None:
    chance = Random(1)
    for _ in range(300):
        order = orders.take(chance, "test", ())
        order.sum_up(chance, ("",), ("",))
        assert order.turns[-1].startswith("A: ")
        assert all(str(item) in order.turns[-1] for item in order.items)
        for gone in order.dropped:  # "a latte" is in "a latte with cream", which took its place
            is_part = any(str(gone) in str(item) for item in order.items)
            assert is_part or str(gone) not in order.turns[-1]
        assert 1 <= len(order.items) <= 4


def test_no_order_to_learn_from_is_ever_one_to_be_tested_with() -> None:
    chance = Random(3)
    talk = partial(small_talk_of, ["U: hello", "A: Hi."])
    for _ in range(200):
        order = orders.take(chance, "train", ())
        assert set(order.sides) == {"train"}
        assert orders.take(chance, "test", ()).sides[-1] == "test"
        assert orders.summed(chance, "train", (), talk)


def small_talk_of(turns: list[str], chance: Random) -> list[str]:
    return turns


def test_an_exchange_about_another_thing_is_otherwise_the_same() -> None:
    said = ["U: oh no the boiler is loud, my Boiler", "A: I am sorry about the boiler. Is your hat on it?"]
    changed = {tuple(about_other_things(Random(seed), said, ["boiler", "banjo", "oars"])) for seed in range(20)}
    other = ("U: oh no the banjo is loud, my Banjo", "A: I am sorry about the banjo. Is your hat on it?")
    assert changed == {tuple(said), other}, "what the message does not say stays, and so does the number"


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


def test_the_benchmark_judges_other_peoples_talks_as_a_person_would() -> None:
    from benchmarks import people

    facts_told, orders_taken, jokes_heard = (people.talks(name) for name in ("facts", "orders", "jokes"))
    assert len(facts_told) >= 100
    for talk in facts_told:
        assert people.fact_is_right(talk, ["Noted.", f"It is {talk['any'][0].upper()}."])
        assert not people.fact_is_right(talk, [talk["any"][0], "You have not told me."])
    for talk in orders_taken:
        assert people.order_is_right(talk, [f"That is {', '.join(talk['must'])}."])
        assert not people.order_is_right(talk, ["That is a brick."])
        for taken_back in talk["must_not"]:
            assert not people.order_is_right(talk, [f"That is {', '.join([*talk['must'], taken_back])}."])
    for talk in jokes_heard:
        assert people.joke_is_right(talk, ["Who's there?", talk["expect"], "Ha!"])
        assert not people.joke_is_right(talk, ["Who's there?", f"{talk['name']}s who?", "Ha!"])
    for text, words in (
        ("1535", "53"),
        ("forty-five", "5"),
        ("a steak", "tea"),
        ("44 pm", "4"),
        ("decaffeinated", "caf"),
    ):
        assert not people.mentions(text, words)
    for text, words in (("53.", "53"), ("5 of them", "five"), ("two teas", "tea"), ("It is $20.", "$20")):
        assert people.mentions(text, words)
    assert people.plain("Two lattes, 12 wings and 44 olives") == "two lattes, twelve wings and 44 olives"

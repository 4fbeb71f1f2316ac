"""What memory is worth in a conversation: each row under five kinds of history, with 95 % intervals.

    python -m benchmarks.memory [--json] [--model chat] [--cases 200] [--public PUBLIC_TEXTS]

full       what was said, as it was said
message    the state is wiped before the last message
none       the context-free twin, which sees one token
wrong      another dialogue's history
shuffled   its own history, the turns in another order

Names, values and combinations are from the side that training never sees (corpora/exercises). Replies are drawn at the
default temperature. Where a row has more cases than --cases, only "full" is asked all of them. Rows of natural
dialogue need PUBLIC_TEXTS, a folder laid out as checkpoints/chat/CARD.md lists it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks import people
from benchmarks.report import show
from benchmarks.talks import (
    FIRST_TOLD,
    Case,
    Pair,
    fact_cases,
    joke_cases,
    name_cases,
    natural_cases,
    opener_cases,
    order_cases,
    pairs,
    untaught_cases,
)
from corpora.exercises.fact_kinds import FACTS
from corpora.exercises.generate import own_jokes
from corpora.exercises.jokes import ASKED
from rnnchat.chat import Conversation
from rnnchat.model import surprise
from rnnchat.recurrent import RecurrentModel
from rnnchat.text import Turn
from rnnchat.vocabulary import BOT, USER

History = Literal["full", "message", "none", "wrong", "shuffled"]
HISTORIES: tuple[History, ...] = ("full", "message", "none", "wrong", "shuffled")
RESAMPLES = 2_000
TIMED = 2  # rounds over the openers
ABOUT_60 = range(50, 71)


@dataclass
class Bench:
    """The two networks that are compared: the chatbot and its context-free twin."""

    model: RecurrentModel
    twin: RecurrentModel

    def conversation(self, cases: Sequence[Case], place: int, kind: History) -> Conversation:
        """Return a conversation that has heard the history of that kind of the case at `place`."""
        memory = kind if kind in ("message", "none") else "full"
        conversation = Conversation(self.twin if kind == "none" else self.model, memory, seed=place)
        if memory == "full":  # the others would forget it before the message
            conversation.hear(history(cases, place, kind))
        return conversation

    def right(self, cases: Sequence[Case], kind: History) -> list[float]:
        """Return 1 or 0 for each case: whether the reply is right."""
        results = []
        for place, case in enumerate(cases):
            reply = self.conversation(cases, place, kind).reply(case.message)
            results.append(float(case.right(reply)))
        return results

    def prefers(self, found: Sequence[Pair], kind: History) -> list[float]:
        """Return for each pair how often the reply that belongs is the likelier one; 0.5 where both are equal."""
        cases = [case for pair in found for case in pair]
        scores = []
        for place in range(len(cases)):
            own, other = self.nats(cases, place, kind, [cases[place].reply, cases[place ^ 1].reply])
            scores.append(1.0 if own < other else 0.5 if own == other else 0.0)
        return [(scores[place] + scores[place + 1]) / 2 for place in range(0, len(scores), 2)]

    def nats(self, cases: Sequence[Case], place: int, kind: History, replies: Sequence[str]) -> list[float]:
        """Return how surprising each of `replies` is, in nats, after that kind of history."""
        model = self.twin if kind == "none" else self.model
        encode = model.vocabulary.encode
        state = self.conversation(cases, place, kind)._state
        _, state = surprise(model, state, [USER, *encode(cases[place].message), BOT])
        return [float(surprise(model, state, [*encode(reply), USER])[0].sum()) for reply in replies]

    def per_character(self, cases: Sequence[Case], kind: History) -> list[float]:
        """Return nats per character of each case's own reply."""
        return [self.nats(cases, p, kind, [case.reply])[0] / (len(case.reply) + 1) for p, case in enumerate(cases)]


def history(cases: Sequence[Case], place: int, kind: History) -> list[Turn]:
    """Return the turns before the last message, its own or another case's."""
    turns = list(cases[place].history)
    if kind == "wrong":
        return list(cases[(place + len(cases) // 2) % len(cases)].history)
    if kind == "shuffled":
        random.Random(place).shuffle(turns)
    return turns


def interval(values: Sequence[float], measure: Callable[[np.ndarray], Any] = np.mean) -> str:
    """Return the 95 % interval of the mean by bootstrap, as text."""
    chance, array = np.random.default_rng(0), np.asarray(values)
    means = [float(measure(array[chance.integers(len(array), size=len(array))])) for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{low:.3f}..{high:.3f}"


def row(name: str, results: dict[History, list[float]]) -> dict[str, Any]:
    """Return one line of the table: means, and the interval of full."""
    means: dict[str, Any] = {kind: float(np.mean(values)) for kind, values in results.items()}
    return {"what": name, "cases": len(results["full"]), **means, "full 95 %": interval(results["full"])}


def measure(bench: Bench, count: int, public: Path | None) -> Iterator[dict[str, Any]]:
    """Yield the rows."""
    suites = {
        "knock, knock in 20 ways: who's there?": opener_cases(),
        "unseen name, word for word": name_cases(2_000),
        "punchline of the joke it tells": joke_cases("bot"),
        "takes the punchline of a joke it is told": joke_cases("user"),
        f"told fact of {len(FIRST_TOLD)} kinds asked back after 1-6 turns": fact_cases(
            count, plain=True, kinds=FIRST_TOLD
        ),
        f"the same, of {len(FACTS)} kinds": fact_cases(count, plain=True),
        f"of {len(FACTS)} kinds, told and asked in any words": fact_cases(count),
        "order summed up after a change of mind": order_cases(count),
    }
    for name, cases in suites.items():
        yield row(name, {kind: bench.right(cases if kind == "full" else cases[:count], kind) for kind in HISTORIES})
    found = pairs(200)
    yield row("minimal pair: prefers what belongs", {kind: bench.prefers(found, kind) for kind in HISTORIES})
    untaught = untaught_cases()
    yield row(
        "nats/char of replies to what nobody taught it",
        {kind: bench.per_character(untaught, kind) for kind in HISTORIES},
    )
    if public is None:
        print("natural dialogue is left out; give --public", file=sys.stderr)
        return
    for name, cases in natural_cases(public, count // 2).items():
        results = {kind: bench.per_character(cases, kind) for kind in HISTORIES}
        yield row(f"nats/char of the next turn: {name}", results)
        gain = np.subtract(results["wrong"], results["full"]).tolist()
        print(f"{name}: wrong minus full {np.mean(gain):.4f}, 95 % {interval(gain)}", file=sys.stderr)


def taking_orders(bench: Bench, cases: Sequence[Case]) -> dict[str, Any]:
    """Order as the customers of `cases` did, but let the chatbot answer every turn itself; return how it sums up.

    In the row of summed orders what was answered before is given, and mostly holds the order as it then was.
    """
    right = 0.0
    for seed, case in enumerate(cases):
        conversation = Conversation(bench.model, seed=seed)
        for turn in case.history:
            if turn.role == "user":
                conversation.reply(turn.text)
        right += case.right(conversation.reply(case.message))
    return {"what": "orders taken and summed up by itself", "orders": len(cases), "right": right / len(cases)}


def small_talk(bench: Bench, openers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield how many of the first replies to `openers` differ, and how long replies of about 60 characters take.

    The time is that of the whole reply, all its drafts included; half of the talks have something said before.
    """
    first = [Conversation(bench.model, seed=place).reply(opener) for place, opener in enumerate(openers)]
    yield {"what": "first replies that differ", "replies": len(first), "value": len(set(first)) / len(first)}
    times = []
    for place in range(TIMED * len(openers)):
        conversation, earlier = Conversation(bench.model, seed=place), place // 2 % len(openers)
        if place % 2:
            conversation.hear([Turn("user", openers[earlier]), Turn("bot", first[earlier])])
        began = time.perf_counter()
        reply = conversation.reply(openers[place % len(openers)])
        if len(reply) in ABOUT_60:
            times.append(1000 * (time.perf_counter() - began))
    for name, percentile in (("p50", 50), ("p99", 99)):
        value = float(np.percentile(times, percentile)) if times else float("nan")
        yield {"what": f"milliseconds a reply of 50 to 70 characters, {name}", "replies": len(times), "value": value}


def telling(bench: Bench, count: int) -> dict[str, Any]:
    """Ask for jokes and play along; return how often it knocked, and how often it told one of ours."""
    known = {(joke.name, joke.punchline) for joke in own_jokes()}
    knocked = whole = 0
    for seed in range(count):
        conversation = Conversation(bench.model, seed=seed)
        knocked += conversation.reply(ASKED[seed % len(ASKED)]) == "Knock, knock!"
        name = conversation.reply("Who's there?").removesuffix(".")
        whole += (name, conversation.reply(f"{name} who?")) in known
    return {"what": "jokes asked for", "asked": count, "knocks": knocked / count, "one of ours, whole": whole / count}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--model", default="chat")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--public", type=Path)
    options = parser.parse_args()
    from benchmarks.talks import OPENERS

    bench = Bench(RecurrentModel.load(options.model), RecurrentModel.load(options.model, "none"))
    show("memory", list(measure(bench, options.cases, options.public)), options.json)
    show("jokes", [telling(bench, options.cases)], options.json)
    show("orders", [taking_orders(bench, order_cases(options.cases))], options.json)
    show("in other people's words", list(people.measure(bench.model)), options.json)
    show("small talk", list(small_talk(bench, OPENERS[:200])), options.json)


if __name__ == "__main__":
    main()

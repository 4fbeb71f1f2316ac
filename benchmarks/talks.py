"""The conversations that benchmarks.memory puts to a chatbot, and what a right reply is."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from corpora.exercises import facts, orders, values
from corpora.exercises.fact_kinds import FACTS
from corpora.exercises.generate import REPERTOIRE, own_jokes, small_talk
from corpora.exercises.jokes import OPENINGS
from corpora.exercises.names import cased, first_name, word
from corpora.exercises.order_phrases import TOTAL
from rnnchat.text import Turn, read_documents

Random = random.Random

# Twenty ways of writing it, half of them in none of our texts.
KNOCKS = (
    "Knock, knock!", "Knock, knock.", "knock knock", "KNOCK KNOCK", "Knock knock!", "knock, knock", "Knock-knock",
    "knock knock who's there", "Knock... knock...", "knock knock!!!", "KNOCK, KNOCK.", "Knock! knock!",
    "Knock knock :-)", "hey knock knock", "*Knock knock*", "knock Knock.", "Oh, knock knock!", "knock knock, bot",
    "Knock, knock...", "Knock Knock?",
)  # fmt: skip

OPENERS = tuple(
    line
    for line in (Path(__file__).parent / "openers.txt").read_text().splitlines()
    if line and not line.startswith("#")
)

UNTAUGHT = Path(__file__).parent / "conversations/small_talk.txt"


@dataclass(frozen=True)
class Case:
    """A message after a history, and what makes a reply to it right; `reply` is one that is."""

    history: tuple[Turn, ...]
    message: str
    reply: str
    right: Callable[[str], bool]


Pair = tuple[Case, Case]

FIRST_TOLD = ("name", "favourite", "parking", "pet", "home", "job")  # what people tell a chatbot first


def turns(lines: list[str]) -> tuple[Turn, ...]:
    """Return "U: hello" lines as turns."""
    return tuple(Turn("user" if line.startswith("U") else "bot", line[3:]) for line in lines)


def exactly(reply: str) -> Callable[[str], bool]:
    return lambda said: said == reply


def _contains(value: str) -> Callable[[str], bool]:
    return lambda reply: value in reply.lower()


def opener_cases() -> list[Case]:
    """Knocks after nothing, so that only the writing differs."""
    return [Case((), knock, "Who's there?", exactly("Who's there?")) for knock in KNOCKS]


def unseen_name(chance: Random) -> str:
    """Return a name of 1 to 3 words and 3 to 20 letters that shares no word with the exercises."""
    while True:
        count = chance.choice([1, 1, 2, 3])
        name = cased(chance, " ".join(word(chance, "test") for _ in range(count)))
        if 3 <= len(name) <= 20:
            return name


def name_cases(count: int) -> list[Case]:
    """A knock heard and asked about; then a name, as a person may end it."""
    chance = Random("names")
    cases = []
    for _ in range(count):
        name = unseen_name(chance)
        asked = turns([f"U: {chance.choice(KNOCKS)}", "A: Who's there?"])
        cases.append(Case(asked, name + chance.choice([".", ".", "", "!"]), f"{name} who?", exactly(f"{name} who?")))
    return cases


def joke_cases(teller: str) -> list[Case]:
    """Our jokes: those that the chatbot tells (it must give the punchline), or all, told to it (no asking again)."""
    chance = Random(teller)
    cases = []
    for joke in own_jokes()[: REPERTOIRE if teller == "bot" else None]:
        if teller == "bot":
            told = turns(["U: Tell me a joke.", "A: Knock, knock!", "U: Who's there?", f"A: {joke.name}."])
            cases.append(Case(told, f"{joke.name} who?", joke.punchline, exactly(joke.punchline)))
            continue
        heard = turns([f"U: {chance.choice(OPENINGS)}", "A: Who's there?", f"U: {joke.name}.", f"A: {joke.name} who?"])
        cases.append(
            Case(heard, joke.punchline, "Ha! That was a good one.", lambda said: not said.endswith(("who?", "there?")))
        )
    return cases


def _talk(chance: Random, count: int) -> list[str]:
    """Return `count` exchanges."""
    talks = small_talk()
    return [line for _ in range(count) for line in chance.choice(talks)][: 2 * count]


def fact_cases(count: int, plain: bool = False, kinds: Collection[str] = ()) -> list[Case]:
    """A fact of each kind in turn, 1 to 6 other exchanges, and the question.

    Args:
        plain: in the words that most people use.
        kinds: only these; all where none is named.
    """
    chance = Random("facts")
    forms = facts.PLAIN_FORMS if plain else None
    asked = [fact for fact in FACTS if not kinds or fact.kind in kinds]
    asked = [replace(fact, tell=fact.tell[:forms], ask=fact.ask[:forms]) for fact in asked]
    cases = []
    for place in range(count):
        told = facts.draw(chance, "test", (), (asked[place % len(asked)],))
        said = [f"U: {told.say(chance, told.fact.tell)}", f"A: {told.say(chance, told.fact.heard)}"]
        lines = [*said, *_talk(chance, chance.randrange(1, 7))]
        value = told.value.lower()
        answer = told.say(chance, told.fact.answer)
        cases.append(Case(turns(lines), facts.ask(chance, told), answer, _contains(value)))
    return cases


def order_cases(count: int) -> list[Case]:
    """An order of one to four things with one change of mind; the summing up must hold what it came to, and no more."""
    chance = Random("orders")
    cases = []
    for _ in range(count):
        order = orders.take(chance, "test", ())
        wanted = [str(item).lower() for item in order.items]
        reply = f"So that's {orders.listed(order.items)}."
        cases.append(Case(turns(order.turns), chance.choice(TOTAL), reply, _holds(wanted)))
    return cases


def _holds(wanted: list[str]) -> Callable[[str], bool]:
    """Every item stands in the reply, and between them is nothing but commas, "and" and the words around."""

    def right(reply: str) -> bool:
        rest = reply.lower()
        for item in sorted(wanted, key=len, reverse=True):
            if item not in rest:
                return False
            rest = rest.replace(item, "", 1)
        left = rest.split(".")[0].replace(",", " ").replace("right", "").split()
        return len([each for each in left if each != "and"]) <= 3  # "So that's", "Your order is"

    return right


def pairs(count: int) -> list[Pair]:
    """Two dialogues with the same last message whose right replies differ on account of what was said before."""
    chance = Random("pairs")
    made = []
    for place in range(count):
        made.append((_fact_pair, _order_pair, _knock_pair)[place % 3](chance))
    return made


def _fact_pair(chance: Random) -> Pair:
    one = facts.draw(chance, "test", ())
    other = one
    while other.value.lower() == one.value.lower():
        other = facts.Told(one.fact, one.about, values.value(chance, "test", (), one.fact.value, one.about))
    question, form, between = facts.ask(chance, one), one.fact.answer[0], _talk(chance, chance.randrange(1, 4))
    tell = chance.choice(one.fact.tell)

    def case(told: facts.Told) -> Case:
        said = [f"U: {told.say(chance, (tell,))}", f"A: {told.say(chance, (told.fact.heard[-1],))}", *between]
        reply = told.say(chance, (form,))
        return Case(turns(said), question, reply[:1].upper() + reply[1:], exactly(reply))

    return case(one), case(other)


def _order_pair(chance: Random) -> Pair:
    question = chance.choice(TOTAL)

    def case() -> Case:
        order = orders.take(chance, "test", ())
        return Case(turns(order.turns), question, f"So that's {orders.listed(order.items)}.", lambda said: True)

    return case(), case()


def _knock_pair(chance: Random) -> Pair:
    """The same word is a name after a knock, and none without."""
    name = first_name(chance, "test")
    knocked = turns([f"U: {chance.choice(KNOCKS)}", "A: Who's there?"])
    calm = turns(["U: what are you doing", "A: Waiting for your words, and now answering them."])
    return (
        Case(knocked, f"{name}.", f"{name} who?", lambda said: True),
        Case(calm, f"{name}.", f"Who or what is {name}?", lambda said: True),
    )


def untaught_cases() -> list[Case]:
    """Every exchange of the small talk that no network learns from; the reply is to be foreseen."""
    cases = []
    for document in read_documents([UNTAUGHT]):
        for place in range(1, len(document.turns), 2):
            message, reply = document.turns[place - 1 : place + 1]
            cases.append(Case(document.turns[: place - 1], message.text, reply.text, exactly(reply.text)))
    return cases


def natural_cases(public: Path, count: int) -> dict[str, list[Case]]:
    """Turns of people's dialogues kept for measuring; the next turn is to be foreseen."""
    return {
        name: list(_natural(public / f"dialogue/{name}.dev.txt", count))
        for name in ("sgd", "selfdialogue", "tm4_coffee")
    }


def _natural(file: Path, count: int) -> Iterator[Case]:
    documents = [document for document in read_documents([file]) if len(document.turns) >= 4]
    Random(file.name).shuffle(documents)
    for document in documents[:count]:
        end = max(place for place in range(3, min(len(document.turns), 10)) if document.turns[place].role == "bot")
        earlier, reply = document.turns[: end - 1], document.turns[end]
        yield Case(earlier, document.turns[end - 1].text, reply.text, exactly(reply.text))

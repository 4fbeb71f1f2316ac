"""Facts told and asked back after other talk: names, favourites, places, things to buy, times, and whatever else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from corpora.exercises.fact_kinds import (
    ANIMALS,
    COLOURS,
    COUNTS,
    DAYS,
    FACTS,
    FOODS,
    JOBS,
    MONTHS,
    PLACES,
    SHADES,
    SPORTS,
    THINGS,
    Fact,
)
from corpora.exercises.names import Side, first_name, made_up, side_of, word
from corpora.exercises.writing import asked, chatty

Random = random.Random
Dialogue = list[str]
Talk = Callable[[Random], Dialogue]
Known = tuple[str, ...]

# What people tell a chatbot first is trained most.
OFTEN = frozenset({"name", "favourite", "parking", "pet", "kin", "home", "job", "age", "time", "thing", "code", "buy"})
OFTEN_WEIGHT = 3

BESIDES = (
    "How are you?", "And you?", "What do you think?", "I am happy today.", "It is raining here.", "That's me.",
    "Long story.", "Just saying.", "I thought you should know.", "Anyway.", "Nice, right?", "Please remember that.",
)  # fmt: skip
DOUBTS = (
    "Actually, ",
    "Sorry, I meant: ",
    "No wait, ",
    "Correction: ",
    "I was wrong, ",
    "actually ",
    "oh no, ",
    "Hmm, no. ",
)


def _code(chance: Random) -> str:
    """Letters and numbers, as on doors and tickets."""
    kind = chance.randrange(4)
    if kind == 0:
        return str(chance.randrange(1, 10 ** chance.randrange(1, 6)))
    if kind == 1:
        return f"{chance.choice('ABCDEFGHJKLMNPQRSTUVWXYZ')}{chance.randrange(1, 999)}"
    if kind == 2:
        return f"{chance.randrange(1, 99)}{chance.choice('ABCDEFGH')}"
    letters = "".join(chance.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(2))
    return f"{letters}{chance.choice(['', ' ', '-'])}{chance.randrange(10, 9999)}"


def _number(chance: Random) -> str:
    """Digits in groups, as telephones have."""
    groups = ("".join(str(chance.randrange(10)) for _ in range(chance.randrange(2, 5))) for _ in range(3))
    return chance.choice(["-", " ", ""]).join(groups)


def _spot(chance: Random, side: Side, known: Known) -> str:
    """Where a car may stand."""
    street = f"{word(chance, side, known).title()} {chance.choice(['Street', 'Road', 'Lane', 'Avenue', 'Square'])}"
    level = f"level {chance.choice([str(chance.randrange(1, 12)), _code(chance)])}"
    return chance.choice([
        level, f"{level}, row {chance.choice('ABCDEFGHKLMNPR')}", f"floor {chance.randrange(1, 20)}",
        f"spot {_code(chance)}", street, f"row {_code(chance)}", f"{chance.randrange(1, 200)} {street}",
        f"the {word(chance, side, known)} garage", f"bay {_code(chance)}",
        f"the {chance.choice(COLOURS)} level", f"section {_code(chance)}", f"the corner of {street}",
    ])  # fmt: skip


def _time(chance: Random) -> str:
    day, hour = chance.choice(DAYS), chance.randrange(1, 13)
    clock = chance.choice(
        [f"{hour}", f"{hour}:{chance.choice(['00', '15', '30', '45', '10'])}", f"{hour} pm", f"{hour}am", "noon"]
    )
    date = f"{chance.choice(MONTHS)} {chance.randrange(1, 31)}"
    return chance.choice(
        [
            day,
            f"{day} at {clock}",
            date,
            f"{day} morning",
            f"{date} at {clock}",
            f"the {chance.randrange(2, 30)}th of {chance.choice(MONTHS)}",
        ]
    )


def _liked(chance: Random, side: Side, known: Known, about: str) -> str:
    """What may be a favourite: mostly of the right kind, at times anything."""
    pools = {
        "colour": COLOURS,
        "color": COLOURS,
        "food": FOODS,
        "animal": ANIMALS,
        "sport": SPORTS,
        "fruit": FOODS,
        "dessert": FOODS,
    }
    if about == "number":
        return str(chance.randrange(1, 10 ** chance.randrange(1, 5)))
    if about in pools and chance.random() < 0.6:
        thing = chance.choice(pools[about])
        return f"{chance.choice(SHADES)} {thing}" if about.startswith("colo") and chance.random() < 0.5 else thing
    words = " ".join(word(chance, side, known) for _ in range(chance.choice([1, 1, 2, 3])))
    title = about in ("band", "book", "film", "movie", "song", "city", "country", "singer", "restaurant", "team")
    return words.title() if title and chance.random() < 0.8 else words


def _some(chance: Random, side: Side, known: Known, pool: tuple[str, ...]) -> str:
    """One to three things of a list, with a word before one of them."""
    things = list(chance.sample(pool, chance.choice([1, 1, 2, 2, 3])))
    if chance.random() < 0.5:
        things[0] = f"{chance.choice([word(chance, side, known), *SHADES, 'some', 'fresh', 'two', 'more'])} {things[0]}"
    return ", ".join(things[:-1]) + " and " + things[-1] if len(things) > 1 else things[0]


def _place(chance: Random, side: Side, known: Known) -> str:
    """Where a thing may lie."""
    if chance.random() < 0.4:
        return chance.choice(PLACES)
    where = chance.choice(["in", "under", "behind", "on", "next to", "at"])
    return f"{where} the {word(chance, side, known)}{chance.choice(['', ' box', ' shelf', ' bag', ' table'])}"


def _car(chance: Random, side: Side, known: Known) -> str:
    code = chance.choice(["", f" {_code(chance)}"])
    return f"{chance.choice(COLOURS)} {word(chance, side, known).title()}{code}"


def _job(chance: Random, side: Side, known: Known) -> str:
    job = chance.choice(JOBS)
    return job if chance.random() < 0.5 else f"{word(chance, side, known)} {job}"


def _anything(chance: Random, side: Side, known: Known) -> str:
    """What nobody can foresee: a word or two, a name, a code, a time or a place."""
    made: tuple[Callable[[], str], ...] = (
        lambda: first_name(chance, side, known),
        lambda: " ".join(word(chance, side, known) for _ in range(chance.choice([1, 1, 2, 3]))),
        lambda: _code(chance),
        lambda: _time(chance),
        lambda: _spot(chance, side, known),
    )
    return chance.choices(made, (4, 4, 2, 1, 1))[0]()


def value(chance: Random, side: Side, known: Known, kind: str, about: str) -> str:
    """Return a value of that kind and side."""
    while True:
        made: dict[str, Callable[[], str]] = {
            "name": lambda: first_name(chance, side, known),
            "pet": lambda: first_name(chance, side, known),
            "kin": lambda: first_name(chance, side, known),
            "home": lambda: first_name(chance, side, known),
            "favourite": lambda: _liked(chance, side, known, about),
            "parking": lambda: _spot(chance, side, known),
            "buy": lambda: _some(chance, side, known, THINGS),
            "ate": lambda: _some(chance, side, known, FOODS),
            "thing": lambda: _place(chance, side, known),
            "time": lambda: _time(chance),
            "code": lambda: _code(chance),
            "age": lambda: str(chance.randrange(4, 104)),
            "allergy": lambda: _some(chance, side, known, FOODS),
            "drive": lambda: _car(chance, side, known),
            "job": lambda: _job(chance, side, known),
            "any": lambda: _anything(chance, side, known),
            "like": lambda: _liked(chance, side, known, chance.choice(("food", "animal", "sport", ""))),
            "dislike": lambda: _liked(chance, side, known, chance.choice(("food", "animal", "sport", ""))),
            "trip": lambda: first_name(chance, side, known),
            "born": lambda: first_name(chance, side, known),
            "year": lambda: str(chance.randrange(1920, 2020)),
            "employer": lambda: word(chance, side, known).title(),
            "kin home": lambda: first_name(chance, side, known),
            "learning": lambda: _anything(chance, side, known),
            "reading": lambda: _liked(chance, side, known, "book"),
            "watching": lambda: _liked(chance, side, known, "film"),
            "playing": lambda: word(chance, side, known),
            "phone": lambda: _number(chance),
            "bought": lambda: f"{chance.choice(['a', 'a new', 'an old', 'two', 'some'])} {word(chance, side, known)}",
            "meeting": lambda: first_name(chance, side, known),
            "lost": lambda: word(chance, side, known),
            "count": lambda: chance.choice((str(chance.randrange(2, 100)), str(chance.randrange(2, 5_000)), *COUNTS)),
        }  # fmt: skip
        found = made[kind]()
        if side_of(found) == side:
            return found


@dataclass(frozen=True)
class Told:
    """A fact with its value, and what was said of it."""

    fact: Fact
    about: str
    value: str

    def say(self, chance: Random, forms: tuple[str, ...]) -> str:
        text = chance.choice(forms).format(v=self.value, k=self.about)
        return text[:1].upper() + text[1:] if forms is self.fact.heard or forms is self.fact.answer else text


def draw(chance: Random, side: Side, known: Known, kinds: tuple[Fact, ...] = FACTS) -> Told:
    """Return a fact of any kind with a value of that side."""
    fact = chance.choices(kinds, [OFTEN_WEIGHT if fact.kind in OFTEN else 1 for fact in kinds])[0]
    about = chance.choice(fact.about)
    return Told(fact, about, value(chance, side, known, fact.kind, about))


def recall(chance: Random, side: Side, known: Known, talk: Talk) -> Dialogue:
    """Facts told, other talk, some of them asked back; now and then one is changed, or asked that was never told."""
    turns: Dialogue = talk(chance) if chance.random() < 0.2 else []
    facts: dict[tuple[str, str], Told] = {}
    for _ in range(chance.choice([1, 2, 2, 3, 3, 4])):
        told = draw(chance, side, known)
        again = (told.fact.kind, told.about) in facts
        facts[told.fact.kind, told.about] = told
        said = chatty(chance, told.say(chance, told.fact.tell))
        if chance.random() < 0.05:
            said = f"{said} {chance.choice(BESIDES)}"
        doubt = chance.choice(DOUBTS) if again else ""
        if facts and not again and chance.random() < 0.12:
            more = draw(chance, side, known)
            if (more.fact.kind, more.about) not in facts:  # two in one breath
                facts[more.fact.kind, more.about] = more
                said = f"{said.rstrip('.!')} and {more.say(chance, more.fact.tell)}"
        turns += [f"U: {doubt}{said}", f"A: {told.say(chance, told.fact.heard)}"]
        turns += talk(chance) if chance.random() < 0.25 else []
    until = len(turns) + 2 * chance.choice([0, 0, 1, 2, 3, 4, 5, 6])  # the further back, the harder to find
    while len(turns) < until:
        turns += talk(chance)
    if chance.random() < 0.15:
        old = chance.choice(list(facts.values()))
        new = Told(old.fact, old.about, value(chance, side, known, old.fact.kind, old.about))
        facts[old.fact.kind, old.about] = new
        turns += [
            f"U: {chance.choice(DOUBTS)}{new.say(chance, new.fact.tell)}",
            f"A: {new.say(chance, new.fact.heard)}",
        ]
        turns += talk(chance) if chance.random() < 0.5 else []
    # Many questions to one dialogue: it is what an answer hangs on that is hard to learn, not the talk between.
    wanted = chance.sample(list(facts.values()), len(facts))
    wanted += [told for told in wanted if chance.random() < 0.4]
    for told in wanted:
        turns += [f"U: {ask(chance, told)}", f"A: {told.say(chance, told.fact.answer)}"]
        turns += talk(chance) if chance.random() < 0.15 else []
    if chance.random() < 0.03:
        never = draw(chance, side, known)
        if not any(kind == never.fact.kind and (about == never.about) for kind, about in facts):
            turns += [f"U: {ask(chance, never)}", f"A: {never.fact.unknown.format(k=never.about)}"]
    return turns


def never_told(chance: Random, side: Side, known: Known, talk: Talk) -> Dialogue:
    """What was not said cannot be known."""
    told = draw(chance, side, known)
    turns = talk(chance) if chance.random() < 0.5 else []
    return [*turns, f"U: {ask(chance, told)}", f"A: {told.fact.unknown.format(k=told.about)}"]


def ask(chance: Random, told: Told) -> str:
    """Return the question for a fact, as a person may write it."""
    return asked(chance, told.say(chance, told.fact.ask))


def echo(chance: Random, side: Side, known: Known) -> Dialogue:
    """Asked to say something, it says it."""
    text = " ".join(
        word(chance, side, known) if chance.random() < 0.7 else made_up(chance) for _ in range(chance.randrange(1, 5))
    )
    text = chance.choice([text, text.capitalize(), text.title()])
    request = chance.choice(
        [
            "say {t}",
            "Say {t}.",
            "repeat after me: {t}",
            "Please say {t}",
            "Can you say {t}?",
            "repeat: {t}",
            'Say "{t}".',
            "now say {t}",
        ]
    )
    return [f"U: {request.format(t=text)}", f"A: {text}"]

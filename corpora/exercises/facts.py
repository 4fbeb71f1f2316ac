"""Facts told and asked back after other talk: names, favourites, places, things to buy, times, and whatever else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from corpora.exercises.fact_kinds import FACTS, Fact
from corpora.exercises.names import Side, first_name, word
from corpora.exercises.values import value
from corpora.exercises.writing import asked, beside, chatty, hasty

Random = random.Random
Dialogue = list[str]
Talk = Callable[[Random], Dialogue]
Known = tuple[str, ...]

# What people tell a chatbot first is trained most.
OFTEN = frozenset({
    "name", "favourite", "parking", "pet", "kin", "home", "job", "age", "time", "thing", "code", "buy", "birthday",
    "pet kind",
})  # fmt: skip
OFTEN_WEIGHT = 6
# The first forms of each kind are the plainest, and those that most people use.
PLAIN_FORMS, PLAINLY = 12, 0.3
FAR = 750  # characters: what was told longer ago is about to be out of sight

TOO = (" and ", " and ", ", and ", ". ", "! Also, ", ", oh and ", " btw ", ". By the way, ")

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


@dataclass(frozen=True)
class Told:
    """A fact with its value, and what was said of it."""

    fact: Fact
    about: str
    value: str

    def say(self, chance: Random, forms: tuple[str, ...]) -> str:
        form = chance.choice(forms)
        other = first_name(chance, "train") if "{o}" in form else ""
        text = form.format(v=self.value, k=self.about, o=other)
        return text[:1].upper() + text[1:] if forms is self.fact.heard or forms is self.fact.answer else text

    def tell(self, chance: Random, changed: bool = False) -> str:
        """Return how somebody tells it, or corrects what was told before."""
        form = _any_way(chance, self.fact.tell)
        if not changed:
            return self.say(chance, (hasty(chance, form),))
        if self.fact.change and chance.random() < 0.7:
            return self.say(chance, self.fact.change)
        return chance.choice(DOUBTS) + self.say(chance, (form,))


def _any_way(chance: Random, forms: tuple[str, ...]) -> str:
    return chance.choice(forms[:PLAIN_FORMS] if chance.random() < PLAINLY else forms)


def draw(chance: Random, side: Side, known: Known, kinds: tuple[Fact, ...] = FACTS) -> Told:
    """Return a fact of any kind with a value of that side."""
    fact = chance.choices(kinds, [OFTEN_WEIGHT if fact.kind in OFTEN else 1 for fact in kinds])[0]
    about = chance.choice(fact.about)
    found = value(chance, side, known, fact.value, about)
    return Told(fact, about, found.lower() if chance.random() < 0.15 else found)


def recall(chance: Random, side: Side, known: Known, talk: Talk) -> Dialogue:
    """Facts told, other talk, all asked back, soon or late; now and then one is changed, or never told and asked."""
    turns: Dialogue = talk(chance) if chance.random() < 0.2 else []
    facts: dict[tuple[str, str], Told] = {}
    answered: list[Told] = []
    for _ in range(chance.choice([1, 2, 3, 3, 4, 4, 5])):
        told = draw(chance, side, known)
        again = (told.fact.kind, told.about) in facts
        said = chatty(chance, told.tell(chance, again))
        facts[told.fact.kind, told.about] = told
        if not again and chance.random() < 0.12:
            more = draw(chance, side, known)
            if (more.fact.kind, more.about) not in facts:  # two in one breath
                facts[more.fact.kind, more.about] = more
                said = f"{said.rstrip('.!')}{chance.choice(TOO)}{more.tell(chance)}"
        turns += [f"U: {beside(chance, said, talk)}", f"A: {told.say(chance, told.fact.heard)}"]
        turns += talk(chance) if chance.random() < 0.15 else []
        open_questions = [each for each in facts.values() if each not in answered]
        if open_questions and chance.random() < 0.5:  # soon after it was told: what a key is asked for is learned there
            answered.append(chance.choice(open_questions))
            turns += talk(chance) if chance.random() < 0.6 else []
            turns += question(chance, answered[-1], talk)
    until = len(turns) + 2 * chance.choice([0, 0, 0, 1, 1, 2, 3, 4, 6])  # the further back, the harder to find
    while len(turns) < until and sum(map(len, turns)) < FAR:
        turns += talk(chance)
    if chance.random() < 0.2:
        old = chance.choice(list(facts.values()))
        new = replace(old, value=value(chance, side, known, old.fact.value, old.about))
        facts[old.fact.kind, old.about] = new
        turns += [f"U: {new.tell(chance, changed=True)}", f"A: {new.say(chance, new.fact.heard)}"]
        turns += talk(chance) if chance.random() < 0.5 else []
    # Many questions to one dialogue: it is what an answer hangs on that is hard to learn, not the talk between.
    wanted = chance.sample(list(facts.values()), len(facts))
    wanted = [told for told in wanted if told not in answered] + [told for told in wanted if chance.random() < 0.4]
    for told in wanted:
        turns += question(chance, told, talk)
        turns += talk(chance) if chance.random() < 0.15 else []
    if chance.random() < 0.03:
        never = draw(chance, side, known)
        if not any(kind == never.fact.kind and (about == never.about) for kind, about in facts):
            turns += [f"U: {ask(chance, never)}", f"A: {never.fact.unknown.format(k=never.about)}"]
    return turns


def question(chance: Random, told: Told, talk: Talk) -> Dialogue:
    """Return a question for a fact, and the answer."""
    asked_so = beside(chance, ask(chance, told), talk, after=False)
    return [f"U: {asked_so}", f"A: {told.say(chance, told.fact.answer)}"]


def never_told(chance: Random, side: Side, known: Known, talk: Talk) -> Dialogue:
    """What was not said cannot be known."""
    told = draw(chance, side, known)
    turns = talk(chance) if chance.random() < 0.5 else []
    return [*turns, f"U: {ask(chance, told)}", f"A: {told.fact.unknown.format(k=told.about)}"]


def ask(chance: Random, told: Told) -> str:
    """Return the question for a fact, as a person may write it."""
    return asked(chance, told.say(chance, (_any_way(chance, told.fact.ask),)))


def echo(chance: Random, side: Side, known: Known) -> Dialogue:
    """Asked to say something, it says it."""
    text = " ".join(word(chance, side, known if chance.random() < 0.7 else ()) for _ in range(chance.randrange(1, 5)))
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

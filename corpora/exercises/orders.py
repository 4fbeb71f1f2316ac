"""Orders of one to four things: added to, changed, and summed up as they stand.

The one who takes the order mostly says all of it again after every change, in the customer's own words.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from corpora.exercises.names import Side, side_of, word
from corpora.exercises.order_phrases import (
    ASIDE,
    BREADS,
    CHANGE_NOTED,
    CHANGED,
    COFFEES,
    COUNTED,
    CRUSTS,
    DRINKS,
    DROP,
    DROP_NOTED,
    ELSE,
    GREETINGS,
    MORE,
    NUMBER,
    NUMBERS,
    OPENERS,
    PIZZAS,
    RECOUNT,
    RETOPPED,
    SAME_IN_PLURAL,
    SANDWICHES,
    SIDES,
    SIZED,
    SIZES,
    SUMS,
    SWAP,
    SWAP_NOTED,
    THANKS,
    TOPPED,
    TOPPINGS,
    TOTAL,
    UNTOPPED,
    VESSELS,
    WELCOMES,
    WITH,
    WITH_BREAD,
    WITH_COFFEE,
    YES,
)
from corpora.exercises.writing import asked, hasty, written

Random = random.Random
Dialogue = list[str]
Talk = Callable[[Random], Dialogue]
Known = tuple[str, ...]

TERSE = 0.15  # of the orders are taken without a word of what is on them, so that they must be remembered to the end
TERSE_EXERCISES = 0.45  # more of those to learn from: they are the hard ones
NOTED = 0.5  # of the answers to a change say first what has changed, unless they are terse


@dataclass(frozen=True)
class Item:
    """One line of an order: "two large lattes with oat milk"."""

    count: str  # "a", "one", "two", "2" ...
    size: str
    noun: str
    extra: str
    base: str = ""  # what it is made on: "on brown bread"

    @property
    def name(self) -> str:
        """What it is called when it is talked about: the latte."""
        return self.noun if self.single else plural(self.noun)

    @property
    def single(self) -> bool:
        return self.count in ("a", "one", "1")

    def __str__(self) -> str:
        words = " ".join(part for part in (self.size, self.name) if part)
        count = "an" if self.count == "a" and words[0] in "aeiou" else self.count
        extra = f"with {self.extra}" if self.extra else ""
        return " ".join(part for part in (count, words, self.base, extra) if part)

    def called(self, chance: Random) -> str:
        """Return how a person may call it who orders it: "a large latte", "large latte", "1 large latte"."""
        draw = chance.random()
        if self.single and draw < 0.25:
            return str(self).split(" ", 1)[1]
        if self.single and draw < 0.32:
            return f"1 {str(self).split(' ', 1)[1]}"
        return str(self)


def plural(noun: str) -> str:
    """Return the plural: lattes, glasses of milk, pieces of cake."""
    head, of, rest = noun.partition(" of ")
    if head.endswith(SAME_IN_PLURAL):
        return noun
    head += "es" if head.endswith(("s", "x", "ch", "sh")) else "s"
    return head + of + rest


def item(chance: Random, side: Side, known: Known, kind: str) -> Item:
    """Return one item as it is ordered in such a place; one in four is something that stands on no menu of ours."""
    draw = chance.random()
    if kind == "pizza":
        group = "pizza" if draw < 0.5 else "drink" if draw < 0.75 else "side"
    elif kind == "coffee":
        group = "coffee" if draw < 0.65 else "side" if draw < 0.9 else "bread"
    else:
        group = "bread" if draw < 0.5 else "drink" if draw < 0.75 else "side"
    nouns = {"pizza": PIZZAS, "coffee": COFFEES, "drink": DRINKS, "side": SIDES, "bread": SANDWICHES}[group]
    extras = {"pizza": TOPPINGS, "coffee": WITH_COFFEE, "bread": WITH_BREAD}.get(group, ())
    noun = chance.choice(nouns)
    if chance.random() < 0.25:
        new = word(chance, side, known)
        noun = chance.choice([
            new, f"{new} {noun}", f"{new} {noun}", f"{new} {word(chance, side, known)} {noun}",
            f"{new} and {chance.choice(extras or TOPPINGS)} {noun.split()[-1]}", f"{chance.choice(VESSELS)} of {new}",
        ])  # fmt: skip
    size = chance.choice(SIZES) if chance.random() < 0.35 and " of " not in noun and "fries" not in noun else ""
    extra = ""
    if extras and chance.random() < 0.4:
        extra = " and ".join(chance.sample(extras, chance.choice([1, 1, 2])))
    count = chance.choice(["a", "a", "one", "a"]) if chance.random() < 0.65 else chance.choice(NUMBERS)
    bases = {"bread": BREADS, "pizza": CRUSTS}.get(group, ())
    base = chance.choice(bases) if bases and chance.random() < 0.12 else ""
    return Item(count, size, noun, extra, base)


def named(chance: Random, items: list[Item]) -> str:
    """Return items as a person lists them: "latte, two muffins plus a tea"."""
    texts = [each.called(chance) for each in items]
    if len(texts) == 1:
        return texts[0]
    last = chance.choice([" and ", " and ", " and ", ", and ", " plus ", ", ", " & "])
    between = chance.choice([", ", ", ", " and "])
    return between.join(texts[:-1]) + last + texts[-1]


def listed(items: list[Item]) -> str:
    """Return "a latte, two muffins and a tea"."""
    texts = list(map(str, items))
    return ", ".join(texts[:-1]) + " and " + texts[-1] if len(texts) > 1 else texts[0]


@dataclass
class Order:
    """An order on its way: what is on it, what was said, what was taken off it, and the sides of what it was so far."""

    items: list[Item]
    kind: str = "coffee"  # of place: coffee, pizza or sandwich
    turns: Dialogue = field(default_factory=list)
    dropped: list[Item] = field(default_factory=list)
    terse: bool = False  # the one who takes it says nothing of the order before the summing up
    sides: list[Side] = field(default_factory=list)

    def is_of(self, side: Side) -> bool:
        """Tell whether it belongs to a side: to "test" as it ended, to "train" as it was at any time."""
        return self.sides[-1] == side and (side == "test" or "test" not in self.sides)

    def user(self, text: str) -> None:
        """Let the customer say something; a sentence begins with a capital."""
        self.turns.append(
            f"U: {text[:1].upper() + text[1:] if text[:1].isalpha() and text.endswith(('.', '?', '!')) else text}"
        )

    def answer(self, chance: Random, opening: tuple[str, ...], noted: tuple[str, ...] = ()) -> None:
        """Take something in: with all of the order as it now is, or, where `terse`, with a word.

        Args:
            noted: what has changed, in words; half of those who say the whole order begin with that.
        """
        self.sides.append(_side_of(self.items))
        if noted and not self.terse and chance.random() < NOTED:
            opening = noted
        if self.terse:
            self.turns.append(f"A: {chance.choice(opening)} {chance.choice(ELSE)}".rstrip())
        else:
            self.sum_up(chance, opening, ELSE)

    def sum_up(self, chance: Random, opening: tuple[str, ...], end: tuple[str, ...]) -> None:
        """Say all of the order."""
        parts = (chance.choice(opening), chance.choice(SUMS).format(x=listed(self.items)), chance.choice(end))
        self.turns.append("A: " + " ".join(part for part in parts if part))


def take(chance: Random, side: Side, known: Known, change: bool = True, terse: float = TERSE) -> Order:
    """Return an order of one to four items, all said, with one change of mind if wished, not summed up yet."""
    while True:
        order = _taken(chance, side, known, change, terse)
        if order.is_of(side):
            return order


def _taken(chance: Random, side: Side, known: Known, change: bool, terse: float) -> Order:
    kind, count = chance.choice(["pizza", "coffee", "sandwich"]), chance.choice([1, 2, 2, 3, 3, 4])
    wanted: list[Item] = []
    while len(wanted) < count:
        new = item(chance, side, known, kind)
        if all(new.noun != old.noun for old in wanted):
            wanted.append(new)
    first = chance.randrange(1, count + 1)
    order = Order(wanted[:first], kind=kind, terse=chance.random() < terse)
    if chance.random() < 0.15:
        order.turns += [f"U: {chance.choice(GREETINGS)}", f"A: {chance.choice(WELCOMES)}"]
    order.user(hasty(chance, chance.choice(OPENERS)).format(x=named(chance, order.items)))
    order.answer(chance, YES)
    place = chance.randrange(first, count + 1)  # when the change comes: after so many items
    for rest in wanted[first:place]:
        _add(chance, order, [rest])
    if change:
        _change(chance, order, side, known)
    if wanted[place:] and chance.random() < 0.3:  # all the rest in one breath
        _add(chance, order, wanted[place:])
        return order
    for rest in wanted[place:]:
        _add(chance, order, [rest])
    return order


def _add(chance: Random, order: Order, new: list[Item]) -> None:
    order.items += new
    order.user(hasty(chance, chance.choice(MORE)).format(x=named(chance, new)))
    order.answer(chance, YES)


def short(chance: Random, old: Item, items: list[Item]) -> str:
    """Return what an item on the order is called: its noun, a part of it that no other has, or with its size."""
    words = old.name.split()
    if len(words) > 1 and " of " not in old.noun and chance.random() < 0.35:
        part = chance.choice([words[-1], " ".join(words[:-1])])
        if not any(part.rstrip("s") in each.noun for each in items if each is not old):
            return part
    return f"{old.size} {old.name}" if old.size and chance.random() < 0.2 else old.name


def _change(chance: Random, order: Order, side: Side, known: Known) -> None:
    """Drop an item, swap one for another, or want more or fewer of the last one."""
    draw = chance.random()
    place = chance.randrange(len(order.items))
    old = order.items[place]
    if draw < 0.3 and len(order.items) > 1:
        order.user(hasty(chance, chance.choice(DROP)).format(n=short(chance, old, order.items)))
        order.items = [each for each in order.items if each is not old]
        noted = DROP_NOTED
    elif draw < 0.5:
        order.items[place], said = _adapted(chance, old, place == len(order.items) - 1)
        order.user(said)
        noted = CHANGE_NOTED
    elif draw < 0.8:
        new = item(chance, side, known, order.kind)
        while any(new.noun in each.noun or each.noun in new.noun for each in order.items):
            new = item(chance, side, known, order.kind)
        order.user(hasty(chance, chance.choice(SWAP)).format(n=short(chance, old, order.items), y=new.called(chance)))
        order.items[place] = new
        noted = SWAP_NOTED
    else:
        place = len(order.items) - 1
        old = order.items[place]
        counts = [count for count in ("one", *NUMBERS) if NUMBER[count] != NUMBER[old.count]]
        size = chance.choice(SIZES) if old.size and chance.random() < 0.4 else old.size
        new = replace(old, count=chance.choice(counts), size=size)
        order.items[place] = new
        order.user(hasty(chance, chance.choice(RECOUNT)).format(y=new))
        noted = CHANGE_NOTED
    order.dropped.append(old)
    now = "" if noted is DROP_NOTED else str(order.items[place])
    words = (form.format(n=old.name, y=now) for form in noted)
    order.answer(chance, CHANGED, tuple(text[:1].upper() + text[1:] for text in words))


def _adapted(chance: Random, old: Item, is_last: bool) -> tuple[Item, str]:
    """Return the item in another size, with another topping or in another number, and how that is said."""
    toppings = next(extras for nouns, extras in WITH if old.noun in nouns or nouns is SIDES)
    topping = chance.choice([each for each in toppings if each not in old.extra and not each.startswith("no ")])
    first, _, rest = old.extra.partition(" and ")
    kind = chance.randrange(4)
    if kind == 0 and is_last:
        count = chance.choice([count for count in NUMBERS if NUMBER[count] != NUMBER[old.count]])
        return replace(old, count=count), chance.choice(COUNTED).format(c=count)
    if kind <= 1 or first.startswith("no "):
        size = chance.choice([size for size in SIZES if size != old.size])
        return replace(old, size=size), chance.choice(SIZED).format(n=old.name, s=size)
    if not old.extra:
        return replace(old, extra=topping), chance.choice(TOPPED).format(n=old.name, y=topping)
    if kind == 2:
        extra = " and ".join(part for part in (topping, rest) if part)
        return replace(old, extra=extra), chance.choice(RETOPPED).format(n=old.name, x=first, y=topping)
    return replace(old, extra=rest), chance.choice(UNTOPPED).format(n=old.name, x=first)


def summed(chance: Random, side: Side, known: Known, talk: Talk) -> Dialogue:
    """Return a whole order with its summing up, at times changed and summed up again; seldom with other talk."""
    while True:
        order = _summed(chance, side, known, talk)
        if order.is_of(side):
            break
    thanks = [
        f"U: {written(chance, chance.choice(THANKS))}",
        f"A: {chance.choice(['You are welcome!', 'Enjoy!', 'My pleasure.', 'See you soon!'])}",
    ]
    return order.turns + (thanks if chance.random() < 0.4 else [])


def _summed(chance: Random, side: Side, known: Known, talk: Talk) -> Order:
    order = take(chance, side, known, change=chance.random() < 0.9, terse=TERSE_EXERCISES)
    turns = [*(talk(chance) if chance.random() < 0.1 else []), *order.turns]
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        said, answer = chance.choice(ASIDE)
        turns += [f"U: {written(chance, said)}", f"A: {answer}"]
    order.turns = turns
    while True:
        order.user(asked(chance, chance.choice(TOTAL)))
        order.sum_up(chance, ("", "Right.", "Very well.", ""), ("", "", "Thank you!", "It will be ready soon."))
        if chance.random() < 0.45:
            return order
        _change(chance, order, side, known)


def _side_of(items: list[Item]) -> Side:
    """A combination of things belongs to one side, whatever their order."""
    return side_of("|".join(sorted(each.noun for each in items)))

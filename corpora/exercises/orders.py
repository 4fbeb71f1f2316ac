"""Orders of one to four things: added to, changed, and summed up as they stand.

The one who takes the order says all of it again after every change, in the customer's own words.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from corpora.exercises.names import Side, TEST_SHARE, word

Random = random.Random
Dialogue = list[str]
Talk = Callable[[Random], Dialogue]
Known = tuple[str, ...]

TOPPINGS = tuple(
    "mushrooms,olives,pepperoni,ham,pineapple,onions,peppers,extra cheese,spinach,bacon,sausage,basil,tomatoes,tuna,"
    "sweetcorn,garlic,salami,chicken,anchovies,capers,feta,jalapenos,artichokes,rocket".split(",")
)
PIZZAS = ("pizza", "margherita", "pepperoni pizza", "veggie pizza", "cheese pizza", "ham pizza", "calzone", "hawaiian",
          "mushroom pizza", "four cheese pizza", "salami pizza", "tuna pizza")  # fmt: skip
COFFEES = ("latte", "cappuccino", "espresso", "americano", "flat white", "mocha", "macchiato", "black coffee", "coffee",
           "hot chocolate", "green tea", "tea", "chai latte", "cortado", "iced coffee", "mint tea", "cold brew", "decaf")  # fmt: skip
WITH_COFFEE = ("oat milk", "soy milk", "no sugar", "two sugars", "extra foam", "cinnamon", "whipped cream", "vanilla", "honey",
               "almond milk", "milk", "caramel", "lemon")  # fmt: skip
DRINKS = ("cola", "lemonade", "water", "sparkling water", "beer", "orange juice", "apple juice", "iced tea", "milkshake",
          "ginger ale", "root beer", "smoothie", "glass of milk", "bottle of water", "diet coke", "coke", "sprite")  # fmt: skip
SANDWICHES = ("ham sandwich", "cheese sandwich", "tuna sandwich", "chicken wrap", "BLT", "club sandwich", "bagel", "panini",
              "egg sandwich", "turkey sandwich", "veggie wrap", "burger", "cheeseburger", "hot dog", "burrito", "toastie")  # fmt: skip
WITH_BREAD = ("mayo", "lettuce", "mustard", "pickles", "extra cheese", "no onions", "tomato", "ketchup", "avocado", "bacon",
              "no mayo", "hot sauce", "cream cheese", "butter")  # fmt: skip
SIDES = ("salad", "side salad", "garlic bread", "muffin", "croissant", "cookie", "brownie", "piece of cake", "bowl of soup",
         "tomato soup", "portion of fries", "large fries", "ice cream", "cheesecake", "scone", "doughnut", "banana bread",
         "bag of chips", "apple pie", "tiramisu", "onion rings", "chicken wings", "blueberry muffin", "slice of pie")  # fmt: skip
WITH = ((PIZZAS, TOPPINGS), (COFFEES, WITH_COFFEE), (SANDWICHES, WITH_BREAD), (SIDES, WITH_BREAD + WITH_COFFEE + TOPPINGS))
SIZES = ("small", "medium", "large", "regular", "big")
NUMBERS = ("two", "three", "four", "five", "six", "2", "3", "4")
SAME_IN_PLURAL = ("fries", "soup", "bread", "water", "milk", "juice", "rings", "wings", "tea", "decaf", "beer", "brew", "ale")


@dataclass(frozen=True)
class Item:
    """One line of an order: "two large lattes with oat milk"."""

    count: str  # "a", "one", "two", "2" ...
    size: str
    noun: str
    extra: str

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
        return f"{count} {words}{f' with {self.extra}' if self.extra else ''}"


def plural(noun: str) -> str:
    """Return the plural: lattes, glasses of milk, pieces of cake."""
    head, of, rest = noun.partition(" of ")
    if head.endswith(SAME_IN_PLURAL):
        return noun
    head += "es" if head.endswith(("s", "x", "ch", "sh")) else "s"
    return head + of + rest


def item(chance: Random, side: Side, known: Known, kind: str) -> Item:
    """Return one item as it is ordered in such a place; one in eight is something nobody sells."""
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
    if chance.random() < 0.12:
        noun = chance.choice([word(chance, side, known), f"{word(chance, side, known)} {noun}"])
    size = chance.choice(SIZES) if chance.random() < 0.35 and " of " not in noun and "fries" not in noun else ""
    extra = ""
    if extras and chance.random() < 0.4:
        extra = " and ".join(chance.sample(extras, chance.choice([1, 1, 2])))
    count = chance.choice(["a", "a", "one", "a"]) if chance.random() < 0.65 else chance.choice(NUMBERS)
    return Item(count, size, noun, extra)


def listed(items: list[Item]) -> str:
    """Return "a latte, two muffins and a tea"."""
    texts = list(map(str, items))
    return ", ".join(texts[:-1]) + " and " + texts[-1] if len(texts) > 1 else texts[0]


OPENERS = (
    "I'd like {x}, please.", "Can I have {x}?", "can i get {x}", "{x} please", "Hi, I want {x}.", "I'll have {x}.", "Hello, could I get {x}?",
    "I would like to order {x}.", "{x}, please.", "Good evening, {x} please.", "hey, {x}", "We'd like {x}.", "Give me {x}.", "I'd like to order {x}",
    "Could we have {x}, please?", "i want {x}", "I'd love {x}.", "May I have {x}?", "Let me get {x}.", "One order: {x}.", "Hi! {x}, please.",
    "I want to order {x}", "I'm ordering {x}.", "{x}", "for me {x} please", "I need {x}.", "Please bring me {x}.", "Hi there, can I order {x}?",
)  # fmt: skip
MORE = (
    "And {x}.", "and {x}", "Also {x}, please.", "Can I add {x}?", "add {x}", "plus {x}", "And {x} please.", "Oh, and {x}.", "I'd also like {x}.",
    "and {x} too", "Could you add {x}?", "Then {x}.", "Yes, {x}.", "yes please, {x}", "and can i get {x}", "Let me also have {x}.", "One more thing: {x}.",
    "{x} as well", "Add {x} to that.", "I'll also take {x}.", "with {x} on the side", "And for my friend {x}.",
)  # fmt: skip
DROP = (
    "Actually, no {n}.", "Cancel the {n}.", "cancel the {n} please", "Forget the {n}.", "No {n} after all.", "I changed my mind, no {n}.", "Leave out the {n}.",
    "drop the {n}", "Actually, skip the {n}.", "Wait, without the {n}.", "Scratch the {n}.", "remove the {n}", "I don't want the {n} anymore.", "Take the {n} off.",
    "Sorry, not the {n}.", "hmm, leave the {n}", "Please remove the {n}.", "Could you take off the {n}?", "Oh wait, forget about the {n}.", "minus the {n}",
    "I don't need the {n}.", "On second thought, no {n}.", "Can you cancel the {n}?", "delete the {n}", "Let's not have the {n}.",
)  # fmt: skip
SWAP = (
    "Actually, {y} instead of the {n}.", "Make the {n} {y}.", "Change the {n} to {y}.", "Instead of the {n}, {y}.", "Swap the {n} for {y}.", "can i have {y} instead of the {n}",
    "No wait, {y} instead of the {n}.", "I'd rather have {y} than the {n}.", "Replace the {n} with {y}.", "change the {n} to {y} please", "Sorry, {y} rather than the {n}.",
    "Hmm, not the {n}, {y} instead.", "make that {y} instead of the {n}", "Could you swap the {n} for {y}?", "no {n}, but {y}", "I changed my mind: {y} instead of the {n}.",
    "Can you change the {n} to {y}?", "switch the {n} to {y}", "Forget the {n}, I'll take {y}.", "Cancel the {n} and add {y}.", "Actually, make the {n} {y}.",
)  # fmt: skip
RECOUNT = (
    "Actually, make that {y}.", "Make it {y}.", "no, {y}", "Sorry, {y}.", "Actually {y}.", "make that {y} please", "I meant {y}.", "wait, {y}", "Better make it {y}.",
    "Oh, {y} actually.", "Can you make that {y}?", "Change that to {y}.", "Let's say {y}.", "On second thought, {y}.",
)  # fmt: skip
SIZED = ("Make the {n} {s}.", "Actually, a {s} {n}.", "the {n} should be {s}", "Can the {n} be {s}?", "make the {n} {s} please", "{s} for the {n}, please.", "I'd like the {n} {s}.")
RETOPPED = (
    "{y} instead of {x} on the {n}.", "Swap the {x} for {y}.", "Actually, {y} instead of {x}.", "with {y}, not {x}", "Make it {y} instead of {x}.", "change the {x} to {y}", "The {n} with {y} instead of {x}, please.",
    "No {x}, {y} instead.", "can i have {y} instead of {x}", "Replace the {x} with {y}, please.",
)  # fmt: skip
UNTOPPED = ("No {x} on the {n}.", "without {x}", "Actually, no {x}.", "Leave off the {x}.", "hold the {x}", "The {n} without {x}, please.", "skip the {x} please", "I don't want {x} after all.", "take the {x} off")
TOPPED = ("With {y}, please.", "Add {y} to the {n}.", "Can I have {y} with the {n}?", "and {y} on the {n}", "Put {y} on the {n}, please.", "the {n} with {y} please", "Could you add {y} to the {n}?")
COUNTED = ("Make that {c}.", "Actually {c}.", "{c}, please.", "no, {c}", "Make it {c}.", "sorry, {c}", "{c} of those.", "better {c}", "I meant {c}.")
TOTAL = (
    "That's all.", "that's it", "That's everything, thanks.", "What did I order?", "Can you repeat my order?", "So what's my order?", "read that back please", "What do I have now?",
    "Can you sum up my order?", "what's the order so far", "That will be all.", "No, that's all.", "nothing else", "What is my order?", "could you read it back?", "So what do you have?",
    "no thanks, that's it", "Sum it up, please.", "what did i order again", "Please repeat the order.", "so my order is?", "What was my order?", "thats all", "Done. What have I got?",
    "no that's everything", "What am I getting?", "Please confirm my order.", "repeat that please", "Can you confirm?", "What's in my order?", "Tell me my order.", "whats my order",
)  # fmt: skip
ASIDE = (
    ("How long will it take?", "About fifteen minutes."), ("how long", "Ten minutes or so."), ("Do you take cards?", "Yes, cards and cash."), ("Is it hot?", "Everything is made fresh."),
    ("It's for pickup.", "Pickup is fine."), ("For delivery, please.", "Delivery, all right."), ("to go please", "To go, sure."), ("For here.", "For here, lovely."),
    ("Nice place you have.", "Thank you!"), ("I'm so hungry.", "Then I will hurry."), ("Do you have a loyalty card?", "Not yet, I am afraid."), ("wait a moment", "Take your time."),
    ("let me think", "No rush at all."), ("What's good here?", "Everything, if you ask me."), ("Where are the restrooms?", "Down the hall on the left."), ("It's for my mother.", "How kind of you."),
)  # fmt: skip
SUMS = ("So that's {x}.", "So that's {x}.", "That's {x}.", "So you have {x}.", "Your order is {x}.")
YES = ("Sure.", "Of course.", "Certainly.", "All right.", "Got it.", "Good choice.", "Okay.", "With pleasure.")
ELSE = ("Anything else?", "Anything else?", "What else?", "Would you like anything else?", "Is that all?", "")
CHANGED = ("No problem.", "All right.", "Of course.", "Changed.", "Sure.", "Okay.")


@dataclass
class Order:
    """An order on its way: what is on it, what was said, and what must not be in the summing up."""

    items: list[Item]
    turns: Dialogue = field(default_factory=list)
    dropped: list[Item] = field(default_factory=list)

    def user(self, text: str) -> None:
        self.turns.append(f"U: {text[:1].upper() + text[1:] if text[:1].isalpha() and text.endswith(('.', '?', '!')) else text}")

    def answer(self, chance: Random, opening: tuple[str, ...], end: tuple[str, ...] = ELSE) -> None:
        parts = (chance.choice(opening), chance.choice(SUMS).format(x=listed(self.items)), chance.choice(end))
        self.turns.append("A: " + " ".join(part for part in parts if part))


def take(chance: Random, side: Side, known: Known, change: bool = True) -> Order:
    """Return an order of one to four items, all said, with one change of mind if wished, not summed up yet."""
    kind = chance.choice(["pizza", "coffee", "sandwich"])
    while True:
        count = chance.choice([1, 2, 2, 3, 3, 4])
        wanted: list[Item] = []
        while len(wanted) < count:
            new = item(chance, side, known, kind)
            if all(new.noun != old.noun for old in wanted):
                wanted.append(new)
        if _side_of(wanted) == side:
            break
    first = chance.randrange(1, count + 1)
    order = Order(wanted[:first])
    order.user(chance.choice(OPENERS).format(x=listed(order.items)))
    order.answer(chance, YES)
    place = chance.randrange(first, count + 1)  # when the change comes: after so many items
    for rest in wanted[first:place]:
        _add(chance, order, [rest])
    if change:
        _change(chance, order, side, known, kind)
    for rest in wanted[place:]:
        _add(chance, order, [rest])
    return order


def _add(chance: Random, order: Order, new: list[Item]) -> None:
    order.items += new
    order.user(chance.choice(MORE).format(x=listed(new)))
    order.answer(chance, YES)


def _change(chance: Random, order: Order, side: Side, known: Known, kind: str) -> None:
    """Drop an item, swap one for another, or want more or fewer of the last one."""
    draw = chance.random()
    place = chance.randrange(len(order.items))
    old = order.items[place]
    if draw < 0.3 and len(order.items) > 1:
        order.items = [each for each in order.items if each is not old]
        order.user(chance.choice(DROP).format(n=old.name))
    elif draw < 0.5:
        order.items[place], said = _adapted(chance, old, place == len(order.items) - 1)
        order.user(said)
    elif draw < 0.8:
        new = item(chance, side, known, kind)
        while any(new.noun in each.noun or each.noun in new.noun for each in order.items):
            new = item(chance, side, known, kind)
        order.items[place] = new
        order.user(chance.choice(SWAP).format(n=old.name, y=new))
    else:
        place = len(order.items) - 1
        old = order.items[place]
        counts = [count for count in ("one", *NUMBERS) if count != old.count and (count != "one" or not old.single)]
        size = chance.choice(SIZES) if old.size and chance.random() < 0.4 else old.size
        new = Item(chance.choice(counts), size, old.noun, old.extra if chance.random() < 0.5 else "")
        order.items[place] = new
        order.user(chance.choice(RECOUNT).format(y=new))
    order.dropped.append(old)
    order.answer(chance, CHANGED)


def _adapted(chance: Random, old: Item, is_last: bool) -> tuple[Item, str]:
    """Return the item in another size, with another topping or in another number, and how that is said."""
    toppings = next(extras for nouns, extras in WITH if old.noun in nouns or nouns is SIDES)
    topping = chance.choice([each for each in toppings if each not in old.extra and not each.startswith("no ")])
    first, _, rest = old.extra.partition(" and ")
    kind = chance.randrange(4)
    if kind == 0 and is_last:
        count = chance.choice([count for count in NUMBERS if count != old.count])
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
    """Return a whole order with its summing up; seldom with talk before it or an aside within."""
    order = take(chance, side, known, change=chance.random() < 0.7)
    turns = [*(talk(chance) if chance.random() < 0.1 else []), *order.turns]
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        said, answer = chance.choice(ASIDE)
        turns += [f"U: {said}", f"A: {answer}"]
    order.turns = turns
    order.user(chance.choice(TOTAL))
    order.answer(chance, ("", "Right.", "Very well.", ""), ("", "", "Thank you!", "It will be ready soon."))
    return order.turns + ([f"U: {chance.choice(['thanks', 'Thank you!', 'perfect', 'Great, thanks.', 'ok'])}", f"A: {chance.choice(['You are welcome!', 'Enjoy!', 'My pleasure.', 'See you soon!'])}"] if chance.random() < 0.4 else [])


def _side_of(items: list[Item]) -> Side:
    """A combination of things belongs to one side, whatever their order."""
    text = "|".join(sorted(each.noun for each in items))
    return "test" if hashlib.sha256(text.encode()).digest()[0] < 256 * TEST_SHARE else "train"

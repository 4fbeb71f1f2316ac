"""Values of facts: names, places, codes, times, things to eat, and what nobody can foresee."""

from __future__ import annotations

import random
from collections.abc import Callable

from corpora.exercises.names import Side, first_name, side_of, word

Random = random.Random
Known = tuple[str, ...]

COLOURS = tuple(
    "red orange yellow green blue purple pink brown black white grey gray turquoise teal navy violet lilac crimson "
    "scarlet maroon beige cream gold silver copper bronze olive mint lime emerald jade amber coral salmon peach ivory "
    "magenta cyan indigo lavender mauve plum rust ruby sapphire tan khaki charcoal ochre burgundy aqua cobalt".split()
)
SHADES = (
    "dark",
    "light",
    "pale",
    "bright",
    "deep",
    "sky",
    "midnight",
    "forest",
    "sea",
    "soft",
    "neon",
    "dusty",
    "warm",
)
FOODS = tuple(
    "pizza pasta sushi curry soup chips bread rice noodles pancakes waffles salad cake chocolate cheese lasagne tacos "
    "burritos dumplings porridge apples mangoes cherries strawberries ramen stew toast omelette risotto falafel hummus "
    "olives pickles popcorn muffins biscuits ice-cream pierogi gnocchi paella kebab couscous beans potatoes".split()
)
ANIMALS = tuple(
    "dog cat horse otter penguin owl fox wolf bear tiger lion elephant giraffe dolphin whale rabbit hamster tortoise "
    "parrot eagle falcon hedgehog badger squirrel deer moose llama goat sheep panda koala sloth octopus seal "
    "gecko".split()
)
SPORTS = tuple(
    "football tennis chess rowing hockey judo swimming cycling running climbing golf rugby cricket basketball "
    "volleyball badminton surfing skiing skating boxing fencing archery sailing darts karate curling".split()
)
JOBS = tuple(
    "nurse baker teacher plumber pilot farmer doctor driver cook gardener painter carpenter lawyer librarian waiter "
    "dentist engineer singer actor journalist vet postman butcher tailor barber electrician clerk designer".split()
)
THINGS = tuple(
    "milk eggs bread butter flour sugar rice tea coffee apples bananas onions garlic potatoes soap candles batteries "
    "stamps paper glue nails paint string matches toothpaste shampoo yoghurt honey jam oats pepper salt oil".split()
)
PLACES = (
    "under the sofa", "on the top shelf", "in the blue box", "behind the door", "in my coat pocket",
    "next to the fridge",
    "in the garage", "under the mat", "in the kitchen drawer", "on the window sill", "in the green bag", "at my office",
    "in the glove box", "behind the clock", "in the old teapot", "by the front door", "on the piano", "in the shed",
)  # fmt: skip
COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "a dozen", "twenty")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = tuple("January February March April May June July August September October November December".split())
DRINKS = tuple(
    "tea,green tea,coffee,black coffee,cocoa,hot chocolate,water,sparkling water,lemonade,orange juice,apple juice,"
    "milk,beer,cider,red wine,white wine,ginger ale,cola,iced tea,a smoothie,mint tea,espresso,a milkshake".split(",")
)
CLOTHES = tuple(
    "jumper shirt coat hat scarf skirt dress jacket cardigan hoodie suit raincoat tie vest cap dressing-gown".split()
)
LANGUAGES = tuple(
    "Spanish French German Italian Dutch Polish Swedish Finnish Greek Turkish Arabic Hindi Urdu Japanese Korean Welsh "
    "Irish Basque Swahili Zulu Hungarian Czech Danish Norwegian Latin Portuguese Thai Tamil Yoruba Maori".split()
)
INSTRUMENTS = tuple(
    "piano guitar violin cello flute drums trumpet trombone clarinet oboe harp banjo ukulele accordion saxophone organ "
    "viola bassoon tuba recorder mandolin harmonica".split()
)
FEELINGS = tuple(
    "happy sad tired nervous excited bored angry proud lonely calm worried cheerful grumpy sleepy hopeful".split()
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
        lambda: _words(chance, side, known),
        lambda: _code(chance),
        lambda: _time(chance),
        lambda: _spot(chance, side, known),
    )
    return chance.choices(made, (4, 4, 2, 1, 1))[0]()


def _words(chance: Random, side: Side, known: Known) -> str:
    return " ".join(word(chance, side, known) for _ in range(chance.choice([1, 1, 2, 3])))


def _object(chance: Random, side: Side, known: Known) -> str:
    """Something with its article: a red lamp."""
    colour = f"{chance.choice(COLOURS)} " if chance.random() < 0.3 else ""
    return f"{chance.choice(['a', 'a new', 'an old', 'my', 'some', 'the'])} {colour}{word(chance, side, known)}"


def _one_of(chance: Random, side: Side, known: Known, pool: tuple[str, ...]) -> str:
    """One of a list, often with a word before it, or something else of which nobody has heard."""
    draw = chance.random()
    if draw < 0.25:
        return word(chance, side, known)
    thing = chance.choice(pool)
    return f"{chance.choice([word(chance, side, known), *SHADES])} {thing}" if draw < 0.55 else thing


def _clock(chance: Random) -> str:
    hours = "one two three four five six seven eight nine ten eleven twelve".split()
    return chance.choice([
        f"half past {chance.choice(hours)}", f"quarter to {chance.choice(hours)}",
        f"{chance.choice(hours)} o'clock", f"{chance.randrange(1, 13)}:{chance.randrange(60):02}",
        f"{chance.randrange(24)}:{chance.choice(['00', '15', '30', '45'])}", f"{chance.randrange(1, 13)} am",
        f"{chance.randrange(1, 13)}pm", f"{chance.choice(hours)} in the morning", "noon", "midnight",
    ])  # fmt: skip


def _date(chance: Random) -> str:
    day, month = chance.randrange(1, 32), chance.choice(MONTHS)
    end = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day, "th")
    year = f" {chance.randrange(1930, 2020)}" if chance.random() < 0.2 else ""
    return chance.choice([
        f"{month} {day}", f"{day} {month}{year}", f"the {day}{end} of {month}", f"{month} {day}{end}",
        f"{day}{end} {month}", f"{month} the {day}{end}",
    ])  # fmt: skip


def _price(chance: Random) -> str:
    amount = chance.choice([chance.randrange(1, 100), chance.randrange(100, 3_000)])
    return chance.choice([
        f"{amount} pounds", f"{amount} dollars", f"{amount} euros", f"${amount}", f"{amount}",
        f"{amount}.{chance.randrange(100):02}", f"{amount} quid",
    ])  # fmt: skip


def value(chance: Random, side: Side, known: Known, kind: str, about: str) -> str:
    """Return a value of that kind (Fact.value) and side."""
    made: dict[str, Callable[[], str]] = {
        "name": lambda: first_name(chance, side, known),
        "favourite": lambda: _liked(chance, side, known, about),
        "spot": lambda: _spot(chance, side, known),
        "things": lambda: _some(chance, side, known, THINGS),
        "foods": lambda: _some(chance, side, known, FOODS),
        "place": lambda: _place(chance, side, known),
        "time": lambda: _time(chance),
        "code": lambda: _code(chance),
        "age": lambda: str(chance.randrange(4, 104)),
        "car": lambda: _car(chance, side, known),
        "job": lambda: _job(chance, side, known),
        "anything": lambda: _anything(chance, side, known),
        "taste": lambda: _liked(chance, side, known, chance.choice(("food", "animal", "sport", ""))),
        "year": lambda: str(chance.randrange(1920, 2020)),
        "company": lambda: word(chance, side, known).title(),
        "title": lambda: _liked(chance, side, known, "book"),
        "instrument": lambda: _one_of(chance, side, known, INSTRUMENTS),
        "phone": lambda: _number(chance),
        "purchase": lambda: f"{chance.choice(['a', 'a new', 'an old', 'two', 'some'])} {word(chance, side, known)}",
        "word": lambda: word(chance, side, known),
        "words": lambda: _words(chance, side, known),
        "count": lambda: chance.choice((str(chance.randrange(2, 100)), str(chance.randrange(2, 5_000)), *COUNTS)),
        "thing": lambda: _object(chance, side, known),
        "number": lambda: str(chance.randrange(1, 10 ** chance.randrange(1, 6))),
        "small number": lambda: chance.choice((str(chance.randrange(1, 60)), *COUNTS)),
        "clock": lambda: _clock(chance),
        "day": lambda: f"{chance.choice(DAYS)}{chance.choice(['', '', ' morning', ' evening', ' afternoon'])}",
        "date": lambda: _date(chance),
        "street": lambda: f"{word(chance, side, known).title()} {chance.choice(['Street', 'Road', 'Lane', 'Close'])}",
        "food": lambda: _one_of(chance, side, known, FOODS),
        "animal": lambda: _one_of(chance, side, known, ANIMALS),
        "colour": lambda: _liked(chance, side, known, "colour"),
        "sport": lambda: _one_of(chance, side, known, SPORTS),
        "drink": lambda: _one_of(chance, side, known, DRINKS),
        "clothes": lambda: f"a {_one_of(chance, side, known, CLOTHES)}",
        "country": lambda: first_name(chance, side, known),
        "language": lambda: chance.choice((*LANGUAGES, word(chance, side, known).title())),
        "feeling": lambda: chance.choice((*FEELINGS, word(chance, side, known))),
        "price": lambda: _price(chance),
    }
    while True:
        found = made[kind]()
        if side_of(found) == side:
            return found

"""What may be ordered (menu.toml), and how it is said (ordering.toml): to order, to add, to change, to sum up."""

from __future__ import annotations

import tomllib
from pathlib import Path

_HERE = Path(__file__).parent
_MENU: dict[str, list[str]] = tomllib.loads((_HERE / "menu.toml").read_text())
_SAID: dict[str, list[str]] = tomllib.loads((_HERE / "ordering.toml").read_text())

PIZZAS, TOPPINGS, CRUSTS = (tuple(_MENU[name]) for name in ("pizzas", "toppings", "crusts"))
COFFEES, WITH_COFFEE, DRINKS = (tuple(_MENU[name]) for name in ("coffees", "with_coffee", "drinks"))
SANDWICHES, WITH_BREAD, BREADS = (tuple(_MENU[name]) for name in ("sandwiches", "with_bread", "breads"))
SIDES, SIZES = tuple(_MENU["sides"]), tuple(_MENU["sizes"])
WITH = (
    (PIZZAS, TOPPINGS),
    (COFFEES, WITH_COFFEE),
    (SANDWICHES, WITH_BREAD),
    (SIDES, WITH_BREAD + WITH_COFFEE + TOPPINGS),
)
VESSELS = ("slice", "bowl", "cup", "glass", "pot", "side", "portion", "plate", "bottle", "bag", "piece", "box")
NUMBERS = ("two", "two", "three", "three", "four", "five", "six", "eight", "ten", "2", "2", "3", "4", "5", "6", "12")
NUMBER = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10}
NUMBER |= {str(number): number for number in range(1, 13)}
SAME_IN_PLURAL = (
    "fries",
    "soup",
    "bread",
    "water",
    "milk",
    "juice",
    "rings",
    "wings",
    "tea",
    "decaf",
    "beer",
    "brew",
    "ale",
)

OPENERS, MORE, TOTAL, THANKS = (tuple(_SAID[name]) for name in ("openers", "more", "total", "thanks"))
DROP, SWAP, RECOUNT, SIZED = (tuple(_SAID[name]) for name in ("drop", "swap", "recount", "sized"))
RETOPPED, UNTOPPED, TOPPED, COUNTED = (tuple(_SAID[name]) for name in ("retopped", "untopped", "topped", "counted"))
GREETINGS, WELCOMES = tuple(_SAID["greeting"]), tuple(_SAID["welcome"])
ASIDE = tuple((said, answer) for said, answer in _SAID["aside"])
# What the one who takes the order says of it, and of a change first.
SUMS, YES, ELSE, CHANGED = (tuple(_SAID[name]) for name in ("sums", "yes", "else", "changed"))
DROP_NOTED, SWAP_NOTED, CHANGE_NOTED = (tuple(_SAID[f"{name}_noted"]) for name in ("drop", "swap", "change"))

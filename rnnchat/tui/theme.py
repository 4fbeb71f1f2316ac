"""Colours, and what stands in for them where there are none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

LEVELS = 9  # of heat; few, because prompt_toolkit keeps every style it has met

SHAPES = {  # what holds with and without colour
    "title": "bold",
    "title.here": "bold reverse",
    "you": "bold",
    "bot": "",
    "label": "bold",
    "ghost": "dim italic",
    "control": "underline",
    "quiet": "dim",
    "rule": "dim",
    "status": "",
    "key": "bold",
    "notice": "bold",
    "fault": "bold reverse",
    "differs": "bold underline",
    "bar": "",
    "heading": "bold",
    "search": "reverse",
    "search.current": "reverse bold",
    "incsearch": "reverse",
    "incsearch.current": "reverse bold",
    "selected": "reverse",
    "completion-menu": "reverse",
    "completion-menu.completion": "reverse",
    "completion-menu.completion.current": "noreverse bold",
    "completion-menu.meta.completion": "reverse",
    "completion-menu.meta.completion.current": "noreverse bold",
    "scrollbar.background": "",
    "scrollbar.button": "reverse",
}
COLOURS: dict[str, dict[str, str]] = {
    "dark": {
        "title": "bold fg:#9fb4c8",
        "title.here": "bold noreverse fg:#10161c bg:#7fd1b9",
        "you": "bold fg:#7fd1b9",
        "label": "bold fg:#9fb4c8",
        "ghost": "nodim italic fg:#7c8896",
        "quiet": "nodim fg:#8792a0",
        "rule": "nodim fg:#46515e",
        "status": "fg:#9aa7b5",
        "key": "bold fg:#7fd1b9",
        "notice": "bold fg:#e7c071",
        "fault": "bold noreverse fg:#ff8d85",
        "differs": "bold nounderline fg:#f0a35e",
        "bar": "fg:#5aa9e6",
        "heading": "bold fg:#7fd1b9",
        "completion-menu": "noreverse bg:#28323d fg:#dde5ec",
        "completion-menu.completion": "noreverse bg:#28323d fg:#dde5ec",
        "completion-menu.completion.current": "bold bg:#7fd1b9 fg:#10161c",
        "completion-menu.meta.completion": "noreverse bg:#222b34 fg:#9aa7b5",
        "completion-menu.meta.completion.current": "nobold bg:#5fb19a fg:#10161c",
    },
    "light": {
        "title": "bold fg:#3b4a59",
        "title.here": "bold noreverse fg:#ffffff bg:#1c7c64",
        "you": "bold fg:#12664f",
        "label": "bold fg:#3b4a59",
        "ghost": "nodim italic fg:#6d7782",
        "quiet": "nodim fg:#5d6873",
        "rule": "nodim fg:#b4bdc6",
        "status": "fg:#4a5561",
        "key": "bold fg:#12664f",
        "notice": "bold fg:#855500",
        "fault": "bold noreverse fg:#b3261e",
        "differs": "bold nounderline fg:#a1480b",
        "bar": "fg:#2267a8",
        "heading": "bold fg:#12664f",
        "completion-menu": "noreverse bg:#e4e9ee fg:#1d2730",
        "completion-menu.completion": "noreverse bg:#e4e9ee fg:#1d2730",
        "completion-menu.completion.current": "bold bg:#1c7c64 fg:#ffffff",
        "completion-menu.meta.completion": "noreverse bg:#d8dfe6 fg:#4a5561",
        "completion-menu.meta.completion.current": "nobold bg:#2f8f77 fg:#ffffff",
    },
    "contrast": {
        "title": "bold fg:ansiwhite",
        "you": "bold fg:ansibrightcyan",
        "ghost": "nodim italic fg:ansibrightyellow",
        "quiet": "nodim fg:ansigray",
        "rule": "nodim fg:ansiwhite",
        "key": "bold fg:ansibrightcyan",
        "notice": "bold fg:ansibrightyellow",
        "fault": "bold reverse fg:ansibrightred",
        "differs": "bold underline fg:ansibrightyellow",
        "bar": "fg:ansibrightcyan",
        "heading": "bold fg:ansibrightcyan",
    },
}
# From nothing to much, as red, green and blue at both ends: surprise, attention, hidden units below and above zero.
HEAT = {
    "dark": {
        "surprise": ((38, 46, 54), (214, 82, 60)),
        "looks": ((38, 46, 54), (24, 134, 108)),
        "below": ((22, 27, 32), (64, 156, 255)),
        "above": ((22, 27, 32), (255, 152, 48)),
    },
    "light": {
        "surprise": ((238, 241, 244), (240, 128, 104)),
        "looks": ((238, 241, 244), (112, 204, 178)),
        "below": ((246, 248, 250), (30, 100, 190)),
        "above": ((246, 248, 250), (214, 104, 0)),
    },
    "contrast": {
        "surprise": ((0, 0, 0), (220, 0, 0)),
        "looks": ((0, 0, 0), (0, 120, 120)),
        "below": ((0, 0, 0), (0, 170, 255)),
        "above": ((0, 0, 0), (255, 220, 0)),
    },
}
NAMES = ("auto", "dark", "light", "contrast", "none")


@dataclass(frozen=True)
class Theme:
    """How everything looks.

    Attributes:
        style: for prompt_toolkit.
        heat: kind, as in HEAT → colours "#rrggbb" from little to much; empty without colour.
        ghost_marks: around suggestions, where colour cannot tell them from what was typed.
        plain: no boxes and bars, but words, for a screen reader.
    """

    name: str
    style: Style
    heat: Mapping[str, tuple[str, ...]]
    ghost_marks: tuple[str, str]
    plain: bool

    @property
    def depth(self) -> ColorDepth | None:
        """How many colours may be used; None leaves it to the terminal."""
        return None if self.heat else ColorDepth.DEPTH_1_BIT


def choose_theme(name: str, plain: bool) -> Theme:
    """Return a theme by name; NO_COLOR and --plain go before it."""
    if plain or os.environ.get("NO_COLOR"):
        name = "none"
    if name == "auto":
        name = "light" if _has_light_background() else "dark"
    style = Style.from_dict(SHAPES | COLOURS.get(name, {}))
    heat = {kind: _between(*ends) for kind, ends in HEAT.get(name, {}).items()}
    return Theme(name, style, heat, ("‹", "›") if name == "none" else ("", ""), plain)


def _has_light_background() -> bool:
    """Tell by COLORFGBG, which some terminals set: "15;0" is light on black."""
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return background in ("7", "15")


def _between(start: tuple[int, int, int], end: tuple[int, int, int]) -> tuple[str, ...]:
    colours = []
    for level in range(LEVELS):
        share = level / (LEVELS - 1)
        mixed = (round(one + share * (other - one)) for one, other in zip(start, end, strict=True))
        colours.append("#" + "".join(f"{part:02x}" for part in mixed))
    return tuple(colours)

"""What learning a person's own text gains: keystrokes saved on the second half after learn() of the first half.

`learning on` also learns each line once it is typed, as the app does; `not` learns nothing. The history within a
line's context is the same for all.
"""

from __future__ import annotations

from typing import Any

from benchmarks.keystrokes import half_width
from benchmarks.report import PUBLIC_TEXTS, arguments, show
from benchmarks.texts import Line, connected, sentences
from rnnchat.complete import Completer
from rnnchat.quality import Keystrokes, add_up, type_text

# One person's text each.
PERSONS = {
    "a novelist": ("text/books_dev/jerome-k-jerome_three-men-in-a-boat.txt", connected),
    "letter writers": ("text/masc/letters.dev.txt", connected),
    "mail writers": ("text/masc/email.dev.txt", connected),
    "a pizza customer service": ("dialogue/multidogo_fastfood.dev.txt", sentences),
}


def type_lines(completer: Completer, lines: list[Line], learning: bool) -> list[Keystrokes]:
    """Type lines one after the other."""
    typed = []
    for line, before in lines:
        typed.append(type_text(completer, line, 1, context=before))
        if learning:
            completer.learn(line)
    return typed


def measure(person: str, model: str, limit: int) -> dict[str, Any]:
    """Type up to `limit` lines of the second half, evenly spread, with and without what stands before them."""
    name, read = PERSONS[person]
    lines = list(read(PUBLIC_TEXTS / name))
    half = len(lines) // 2
    first, second = lines[:half], lines[half : half + limit]
    completer = Completer.load(model)
    without = type_lines(completer, second, learning=False)
    completer.learn("\n".join(line for line, _ in first))
    learned = type_lines(completer, second, learning=False)
    learning = type_lines(completer, second, learning=True)
    saved = add_up(without).saved
    return {
        "person": person,
        "characters learned": sum(len(line) for line, _ in first),
        "lines typed": len(second),
        "not": saved,
        "learned": add_up(learned).saved,
        "gain": add_up(learned).saved - saved,
        "+-": half_width(learned, without),
        "learning on": add_up(learning).saved,
        "gain on": add_up(learning).saved - saved,
    }


def main() -> None:
    """Measure every person whose text is there and print."""
    options = arguments(__doc__ or "", model="everyday", lines=150)
    rows = []
    for person, (name, _) in PERSONS.items():
        if (PUBLIC_TEXTS / name).exists():
            rows.append(measure(person, options.model, options.lines))
        else:
            print(f"{person}: {name} is absent, left out; set RNNCHAT_TEXTS to the folder that holds it")
    if rows:
        show("adaptation", rows, options.json)


if __name__ == "__main__":
    main()

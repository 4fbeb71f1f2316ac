"""Finds secrets in command lines, so that they are neither stored nor learned nor shown.

A line that holds one is dropped whole: a masked line would still tell where the secret stood. A false alarm costs one
suggestion, a miss costs a password, so doubt counts as a secret. Two questions are asked: has a word the shape of a
secret (shapes.py), and does a word stand where commands take secrets (places.py)? Both take time in proportion to
the line's length.
"""

from __future__ import annotations

from rnnchat.redact.places import find_place
from rnnchat.redact.shapes import find_shape

MOST_CHARACTERS = 4096  # of a line are looked at; a longer one counts as a secret


def find_secret(text: str) -> str | None:
    """Return the kind of the first secret found in `text`; None where there is none."""
    if len(text) > MOST_CHARACTERS:
        return "a line too long to look through"
    return find_shape(text) or find_place(text)


def holds_secret(text: str) -> bool:
    """Tell whether `text` seems to hold a secret."""
    return find_secret(text) is not None

"""JSON from files that anybody may have made: one meaning a text, and nothing endless in it."""

from __future__ import annotations

import json
import math
from typing import Any


def table_of(value: object) -> dict[str, Any]:
    """Return a copy of a JSON object; ValueError for anything else."""
    if isinstance(value, dict):
        return dict(value)
    raise ValueError("it does not hold a table of names and values where one belongs")


def parse_json(data: bytes) -> Any:
    """Return strict JSON: UTF-8, no duplicate keys, no NaN or Infinity, no endless numbers; else ValueError."""

    def whole(text: str) -> int:
        if len(text) > 20:
            raise ValueError("a number in it is too long")
        return int(text)

    def real(text: str) -> float:
        if not math.isfinite(value := float(text)):
            raise ValueError(f"{text:.20} is no number")
        return value

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name in it is there twice")
        return found

    try:
        # A byte order mark is no JSON and is refused by json itself.
        return json.loads(
            data.decode(), parse_int=whole, parse_float=real, parse_constant=real, object_pairs_hook=table
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error

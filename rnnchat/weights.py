"""Reading weights.safetensors and counts.safetensors: every size and place is checked before an array is made.

The format: 8 bytes of length, a JSON header of that length (name -> dtype, shape, data_offsets), then the data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from rnnchat.strict_json import parse_json, table_of

MAX_HEADER = 256 << 10
Weights = Mapping[str, np.ndarray]
Counts = Mapping[str, np.ndarray]


def parse_weights(data: bytes, expected: Mapping[str, tuple[int, ...]]) -> Weights:
    """Return the arrays (own, writable copies) of a safetensors file that holds exactly `expected`."""
    arrays = _parse(data, {"F32": "<f4", "F16": "<f2"})
    if set(arrays) != set(expected):
        raise ValueError("its tensors are not those of this network")
    for name, array in arrays.items():
        if array.shape != expected[name]:
            raise ValueError(f"{name} has another shape than this network")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds values that are no numbers")
    return arrays


def parse_counts(data: bytes) -> Counts:
    """Return the arrays of a safetensors file of whole numbers (and a few single-precision ones), each of one row."""
    arrays = _parse(data, {"U16": "<u2", "U32": "<u4", "F32": "<f4"})
    if any(array.ndim != 1 for array in arrays.values()):
        raise ValueError("it holds tables that are no rows")
    return arrays


def _parse(data: bytes, kinds: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Return the arrays of a safetensors file whose types are all among `kinds`."""
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(MAX_HEADER, len(data) - 8) or data[8:9] != b"{":
        raise ValueError("its header is broken")
    header = table_of(parse_json(data[8 : 8 + length]))
    notes = table_of(header.pop("__metadata__", {}))
    if len(notes) > 64 or not all(type(note) is str for note in notes.values()):
        raise ValueError("its notes are broken")
    arrays: dict[str, np.ndarray] = {}
    end = 0
    for name, entry in sorted(header.items(), key=lambda item: _offsets(item[1])):
        kind, (begin, finish) = kinds.get(str(entry["dtype"])), _offsets(entry)
        shape = _whole(entry["shape"])
        if kind is None or set(entry) != {"dtype", "shape", "data_offsets"} or min(shape, default=0) < 0:
            raise ValueError(f"{name} has another type or shape than it may")
        count = math.prod(shape)
        if begin != end or finish - begin != count * int(kind[2]) or 8 + length + finish > len(data):
            raise ValueError(f"the place of {name} is broken")
        arrays[name] = np.frombuffer(data, kind, count, 8 + length + begin).reshape(shape).copy()
        end = finish
    if 8 + length + end != len(data):
        raise ValueError("there is more in it than its header says")
    return arrays


def _offsets(entry: object) -> tuple[int, int]:
    offsets = _whole(table_of(entry).get("data_offsets"))
    if len(offsets) != 2 or "dtype" not in table_of(entry) or "shape" not in table_of(entry):
        raise ValueError("its header is broken")
    return offsets[0], offsets[1]


def _whole(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(number) is int for number in value):
        raise ValueError("its header is broken")
    return tuple(value)

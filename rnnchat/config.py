"""What a model is: its kind of network, its sizes, and the tensors that follow from them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from rnnchat.errors import UsageError
from rnnchat.strict_json import table_of
from rnnchat.vocabulary import FIRST_TOKEN, MAX_TOKENS, Unit

Cell = Literal["lstm", "gru", "rnn", "feedforward"]
Memory = Literal["full", "message", "none"]
GATES: Mapping[Cell, int] = {"lstm": 4, "gru": 3, "rnn": 1, "feedforward": 1}
# What a cell remembers from one token to the next.
STATES: Mapping[Cell, tuple[str, ...]] = {
    "lstm": ("hidden", "cell"), "gru": ("hidden",), "rnn": ("hidden",), "feedforward": (),
}  # fmt: skip

MAX_WEIGHTS = 1 << 30  # bytes
RANGES = {
    "layers": (1, 8),
    "hidden": (1, 4096),
    "embedding": (1, 2048),
    "vocabulary": (FIRST_TOKEN + 1, FIRST_TOKEN + MAX_TOKENS),
}
MAX_ATTENTION = 512
MAX_POINTED = 32_767  # token ids are compared as numbers of 16 bits
REMEMBERED = 1_024  # tokens that a network with attention can point at
LOOK_AHEAD = 10  # tokens: a key also tells what comes so much later, so that attention can tell where not to go
LOOK_BEHIND = 8  # tokens: so far back attention counts how long what stands there has run like what is said now
GLIMPSES = 3  # looks before the pointer is set
GLIMPSED = 320  # tokens that they look back at, no more
FOLLOWING = 20.0  # how much the first of them rather looks where what is being said was said before
ECHO = 4  # tokens in a row that must be the same
ECHOED = 12  # tokens: so far ahead of a place it is looked whether what comes was said in the turn before
ECHOES = 8  # that many echoes count as 1
ECHOING = 8.0  # how much the second glimpse rather looks where what comes was said in the turn before
PLACE = 16  # numbers that tell how long ago something was said
THOUGHT = 128  # numbers that stand for what is made of what the glimpses found
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_name(name: str) -> str:
    """Return `name` if a model may have it: 1 to 64 ASCII letters, digits, - and _, the first a letter or digit.

    Raises:
        UsageError: it may not.
    """
    if NAME.fullmatch(name):
        return name
    raise UsageError(f"{name[:80]!a} is no model name; use 1 to 64 letters, digits, - and _, such as my-notes")


@dataclass(frozen=True)
class Config:
    """What a model is. Raises ValueError where a value is out of range or of another type.

    Args:
        name: as check_name wants it.
        layers: recurrent (or feed-forward) layers, 1 to 8.
        hidden: units of each layer, 1 to 4,096.
        embedding: numbers that stand for a token, 1 to 2,048.
        vocabulary: ids, specials and bytes included.
        tied: the output layer is the embedding, transposed.
        memories: which kinds of memory it serves; a feed-forward network has ("none",).
        parent: the name of the checkpoint it was started from.
        tuned: numbers chosen on held-out text, such as a threshold.
        attention: width of the keys by which it finds what was said before, to repeat it; 0 is a plain network.
    """

    name: str
    unit: Unit
    cell: Cell
    layers: int
    hidden: int
    embedding: int
    vocabulary: int
    tied: bool
    memories: tuple[Memory, ...]
    parent: str | None = None
    tuned: Mapping[str, float] = field(default_factory=dict)
    attention: int = 0

    def __post_init__(self) -> None:
        _check_config(self)

    @property
    def features(self) -> int:
        """The width of what the output layer reads."""
        return self.embedding if self.tied else self.hidden


def expected_tensors(config: Config) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of the tensors in weights.safetensors."""
    v, e, h, g = config.vocabulary, config.embedding, config.hidden, GATES[config.cell]
    shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (v, e)}
    for n in range(config.layers):
        i = e if n == 0 else h
        if config.cell == "feedforward":
            shapes |= {f"feedforward.{n}.weight": (h, i), f"feedforward.{n}.bias": (h,)}
        else:
            shapes |= {f"recurrent.weight_ih_l{n}": (g * h, i), f"recurrent.weight_hh_l{n}": (g * h, h)}
            shapes |= {f"recurrent.bias_ih_l{n}": (g * h,), f"recurrent.bias_hh_l{n}": (g * h,)}
    if config.attention:
        k, f = config.attention, config.features
        shapes |= {
            "before.weight": (k, h),
            "ahead.weight": (k, h),
            "query.weight": (k, f),
            "fading": (1,),
            "following": (1,),
        }
        shapes |= {"gate.weight": (1, f), "gate.bias": (1,), "stop.weight": (v, 1)}
        shapes |= {"read.weight": (v, k), "read_gate.weight": (1, k), **_glimpses_tensors(config)}
    if config.tied:
        return shapes | {"projection.weight": (e, h), "projection.bias": (e,), "output.bias": (v,)}
    return shapes | {"output.weight": (v, h), "output.bias": (v,)}


def _glimpses_tensors(config: Config) -> dict[str, tuple[int, ...]]:
    v, h, k, f = config.vocabulary, config.hidden, config.attention, config.features
    found = GLIMPSES * (k + PLACE + 1)
    shapes = {
        "before.weight": (k, h),
        "ahead.weight": (k, h),
        "query.weight": (GLIMPSES * k, f),
        "fading": (GLIMPSES,),
        "think.weight": (THOUGHT, f + GLIMPSES**2 + found),
        "think.bias": (THOUGHT,),
        "found_to_query.weight": (k + PLACE, found),
        "thought_to_query.weight": (k + PLACE, THOUGHT),
        "thought_to_logits.weight": (v, THOUGHT),
        "thought_to_gate.weight": (1, THOUGHT),
        "thought_to_following.weight": (1, THOUGHT),
        "thought_to_echo.weight": (1, THOUGHT),
    }
    return {f"glimpses.{name}": shape for name, shape in shapes.items()}


def sinusoids(places: np.ndarray) -> np.ndarray:
    """Return (S, PLACE) sines and cosines that tell of S places, in tokens, where they are."""
    angles = (places[:, None] * place_rates()).astype(np.float32)
    return np.concatenate([np.sin(angles), np.cos(angles)], 1)


def place_rates() -> np.ndarray:
    """Return (PLACE / 2,) how fast the sines turn that tell how long ago something was said, in radians a token."""
    return (1.0 / np.geomspace(2.0, 1000.0, PLACE // 2)).astype(np.float32)


def _check_config(config: Config) -> None:
    for name, choices in (("unit", Unit), ("cell", Cell)):
        if getattr(config, name) not in get_args(choices):
            raise ValueError(f"{name} must be one of {', '.join(get_args(choices))}")
    for name, (low, high) in RANGES.items():
        value = getattr(config, name)
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"{name} must be a whole number from {low} to {high}")
    for name in (config.name, *([] if config.parent is None else [config.parent])):
        if type(name) is not str or not NAME.fullmatch(name):
            raise ValueError("a name must be 1 to 64 letters, digits, - and _")
    widest = 0 if config.cell == "feedforward" else MAX_ATTENTION
    if type(config.attention) is not int or not 0 <= config.attention <= widest:
        raise ValueError(f"attention must be a whole number from 0 to {widest}")
    if config.attention and config.vocabulary > MAX_POINTED:
        raise ValueError(f"a network with attention has a vocabulary of at most {MAX_POINTED}")
    if type(config.tied) is not bool:
        raise ValueError("tied must be true or false")
    kinds = config.memories
    allowed = ("none",) if config.cell == "feedforward" else get_args(Memory)
    if type(kinds) is not tuple or not kinds or len(set(kinds)) != len(kinds) or not set(kinds) <= set(allowed):
        raise ValueError(f"memories must be some of {', '.join(allowed)}")
    tuned = table_of(config.tuned)
    if len(tuned) > 64 or not all(NAME.fullmatch(key) and _is_number(value) for key, value in tuned.items()):
        raise ValueError("tuned must be up to 64 names with a number each")
    if 4 * sum(math.prod(shape) for shape in expected_tensors(config).values()) > MAX_WEIGHTS:
        raise ValueError("the network would be larger than 1 GiB")


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(value) <= 1e9  # type: ignore[arg-type]

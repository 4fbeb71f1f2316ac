"""The attention's part of the graphs: the key of a token, the glimpses, and what is pointed at; as in network.py.

Products are small and stay in single precision, but for what a thought says of each token. Shapes: S tokens
remembered, K width of a key, P numbers of a place.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from rnnchat.config import ECHOING, FOLLOWING, GLIMPSED, GLIMPSES, LOOK_AHEAD, PLACE, REMEMBERED, Config, sinusoids
from rnnchat.train.attention import NOWHERE
from rnnchat.train.graph import HIDDEN_SCALE, Array, Graph


def key(graph: Graph, weights: dict[str, Array], earlier: str, top: str) -> str:
    """Return the key of the token just read, (batch, 4K), from the hidden values before and after it."""
    halves = []
    for half, of in (("before.weight", earlier), ("ahead.weight", top)):
        both = np.concatenate([weights[half], weights[f"glimpses.{half}"]])
        halves.append(graph.add("MatMul", of, graph.constant(half, both.T)))
    return graph.add("Concat", *halves, axis=1, output="key")


def asked_of_features(config: Config, weights: dict[str, Array]) -> tuple[Array, Array]:
    """Return the weights (O, F) by which features come into the thought, and ask the glimpses' keys."""
    width, found = config.attention, GLIMPSES * (config.attention + PLACE + 1)
    query = _beside_pointer(weights["glimpses.query.weight"].T / np.sqrt(width), width, 0).T
    return weights["glimpses.think.weight"][:, : -found - GLIMPSES**2], query


def point(graph: Graph, config: Config, weights: dict[str, Array], own: str, thought: str, glimpsing: str) -> None:
    """Mix the network's own logits with what the attention points at; as Network.log_probs.

    Args:
        own: (batch, V) the logits.
        thought, glimpsing: what `asked_of_features` makes of the features.
    """
    width, found_width = config.attention, GLIMPSES * (config.attention + PLACE + 1)
    last, row = graph.constant("last_axis", [2], np.int64), graph.constant("row_axis", [1], np.int64)
    scale, think = 1.0 / np.sqrt(width), weights["glimpses.think.weight"]
    query, wish = _linear(graph, "asked", "features", (weights["query.weight"] * scale, weights["gate.weight"]))
    age = graph.add("Cast", graph.add("Min", "age", graph.constant("oldest", REMEMBERED)), to=TensorProto.INT64)
    table = graph.constant("places", sinusoids(-np.arange(REMEMBERED + 1)))
    where = graph.add("Gather", table, age)  # (batch, S, P)
    known, glimpses_known = _known(graph, weights, age)

    found, alike = _glimpse(graph, width, glimpsing, glimpses_known, where)
    of_found = (think[:, -found_width:], weights["glimpses.found_to_query.weight"])
    beside = tuple(_beside_pointer(part, width, PLACE + 1) for part in of_found)
    more, asked_by_found = _linear(graph, "found", found, beside)
    comparing = think[:, -found_width - GLIMPSES**2 : -found_width].T / width
    compared = graph.add("MatMul", alike, graph.constant("alike.weight", comparing))
    thought = graph.add("Add", thought, compared)
    bias = graph.constant("glimpses.think.bias", weights["glimpses.think.bias"])
    thought = graph.add("Tanh", graph.add("Add", graph.add("Add", thought, more), bias))
    out = tuple(weights[f"glimpses.thought_to_{name}.weight"] for name in ("query", "gate", "following", "echo"))
    asked_by_thought, thought_gate, *thought_ways = _linear(graph, "thought", thought, out)
    name = "glimpses.thought_to_logits.weight"
    thought_logits = graph.multiply(thought, HIDDEN_SCALE, name, weights[name])

    both = graph.add("Unsqueeze", graph.add("Add", asked_by_found, asked_by_thought), row)
    content, place = graph.split("Split", (both, graph.constant("parts", [width, PLACE], np.int64)), 2, axis=2)
    content = graph.add("Concat", graph.add("Unsqueeze", query, row), content, axis=2)  # (batch, 1, 2K)
    scores = graph.add("Add", _products(graph, content, "keys"), _products(graph, place, where))
    scores = graph.add("Add", scores, known)
    for of, more in zip(("run", "echo"), thought_ways, strict=True):
        more = graph.add("Mul", graph.add("Unsqueeze", of, row), graph.add("Unsqueeze", more, row))
        scores = graph.add("Add", scores, more)
    looks = graph.add("Softmax", scores, axis=2)  # (batch, 1, S)
    read = graph.add("Squeeze", graph.add("MatMul", looks, "keys"), row)  # (batch, 2K)
    read, _ = graph.split("Split", (read,), 2, axis=1, num_outputs=2)
    reading = (weights["read_gate.weight"], weights["read.weight"])
    read_gate, read_logits = _linear(graph, "read", read, reading)
    stops = graph.add("Gather", graph.constant("stop.weight", weights["stop.weight"]), "said")  # (batch, S, 1)
    stop = graph.add("Squeeze", graph.add("MatMul", looks, stops), last)
    for part in (read_gate, thought_gate, stop, graph.constant("gate.bias", weights["gate.bias"])):
        wish = graph.add("Add", wish, part)
    own = graph.add("Add", graph.add("Add", own, read_logits), thought_logits)
    gate = graph.add("Sigmoid", wish)
    rest = graph.add("Sub", graph.constant("one", 1.0), gate)
    spoken = graph.add("Mul", graph.add("Softmax", own, axis=1), gate)
    again = graph.add("Mul", graph.add("Squeeze", looks, row), rest)
    mixed = graph.add("ScatterElements", spoken, "said", again, axis=1, reduction="add")
    graph.add("Log", graph.add("Add", mixed, graph.constant("least", 1e-9)), output="logits")


def _products(graph: Graph, queries: str, keys: str) -> str:
    """Return queries (batch, N, K) times keys (batch, S, K): (batch, N, S)."""
    return graph.add("MatMul", queries, graph.add("Transpose", keys, perm=[0, 2, 1]))


def _linear(graph: Graph, name: str, values: str, weights: tuple[Array, ...]) -> list[str]:
    """Return values (batch, I) times each of weights (O, I): one product, for every node has its price."""
    product = graph.add("MatMul", values, graph.constant(f"{name}.weights", np.concatenate(weights).T))
    sizes = graph.constant(f"{name}.sizes", [len(weight) for weight in weights], np.int64)
    return graph.split("Split", (product, sizes), len(weights), axis=1)


def _beside_pointer(weight: Array, width: int, place: int) -> Array:
    """Return a weight (O, GLIMPSES * (K + place)) with zeros for the pointer's keys before each head's.

    All keys come as one: to multiply some by zeros costs less than to take them apart.
    """
    heads = weight.reshape(len(weight), GLIMPSES, width + place)
    return np.pad(heads, ((0, 0), (0, 0), (width, 0))).reshape(len(weight), -1)


def _known(graph: Graph, weights: dict[str, Array], age: str) -> tuple[str, str]:
    """Return what scores owe to age, run and echo: the pointer's (batch, 1, S), the glimpses' (batch, GLIMPSES, S)."""
    ages = np.arange(REMEMBERED + 1)
    hidden = np.where((ages >= LOOK_AHEAD) & (ages < GLIMPSED), 0.0, NOWHERE)
    row = graph.constant("row_axis", [1], np.int64)
    fading = np.exp(np.concatenate([weights["glimpses.fading"], weights["fading"]]))
    following = np.concatenate([[FOLLOWING], np.zeros(GLIMPSES - 1), weights["following"]])
    faded = graph.add("Mul", graph.add("Unsqueeze", "age", row), graph.constant("fading", fading[:, None]))
    followed = graph.add("Mul", graph.add("Unsqueeze", "run", row), graph.constant("following", following[:, None]))
    echoing = graph.constant("echoing", [[0.0], [ECHOING]] + [[0.0]] * (GLIMPSES - 1))
    echoed = graph.add("Mul", graph.add("Unsqueeze", "echo", row), echoing)
    known = graph.add("Add", graph.add("Sub", followed, faded), echoed)
    glimpses, pointer = graph.split("Split", (known, graph.constant("heads", [GLIMPSES, 1], np.int64)), 2, axis=1)
    unseen = graph.add("Unsqueeze", graph.add("Gather", graph.constant("hidden", hidden), age), row)
    return pointer, graph.add("Add", glimpses, unseen)


def _glimpse(graph: Graph, width: int, query: str, known: str, where: str) -> tuple[str, str]:
    """Return what the glimpses find, and how alike that is, times K; as Glimpses.forward.

    The first is (batch, GLIMPSES * (2K + P + 1)), for the pointer's keys are found, too, the second
    (batch, GLIMPSES ** 2).
    """
    last = graph.constant("last_axis", [2], np.int64)
    query = graph.add("Reshape", query, graph.constant("queries", [-1, GLIMPSES, 2 * width], np.int64))
    scores = graph.add("Add", _products(graph, query, "keys"), known)  # (batch, GLIMPSES, S)
    looks = graph.add("Softmax", scores, axis=2)
    echo = graph.add("MatMul", looks, graph.add("Unsqueeze", "echo", last))
    parts = (graph.add("MatMul", looks, "keys"), graph.add("MatMul", looks, where), echo)
    found = graph.add("Concat", *parts, axis=2)
    # Where there is nothing to look at, zeros are found.
    least = graph.constant("nothing", NOWHERE / 10)
    left = graph.add("Sigmoid", graph.add("Sub", graph.add("ReduceLogSumExp", scores, last), least))
    found = graph.add("Mul", found, left)
    sizes = graph.constant("found.parts", [width, width, PLACE + 1], np.int64)
    _, content, _ = graph.split("Split", (found, sizes), 3, axis=2)
    alike = graph.add(
        "Reshape", _products(graph, content, content), graph.constant("pairs", [-1, GLIMPSES**2], np.int64)
    )
    flat = graph.constant("found", [-1, GLIMPSES * (2 * width + PLACE + 1)], np.int64)
    return graph.add("Reshape", found, flat), alike

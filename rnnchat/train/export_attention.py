"""The attention's part of the graphs: the key of a token, the glimpses, and what is pointed at; as in network.py.

Products are small and stay in single precision. Shapes: S tokens remembered, K width of a key, P numbers of a place.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from rnnchat.checkpoint import FOLLOWING, GLIMPSED, GLIMPSES, LOOK_AHEAD, NOTHING, PLACE, Config, place_rates
from rnnchat.train.attention import NOWHERE
from rnnchat.train.graph import Array, Graph

OLDEST = 1_024  # tokens ago: beyond that age is told apart no more


def key(graph: Graph, weights: dict[str, Array], earlier: str, top: str) -> str:
    """Return the key of the token just read, (batch, 4K), from the hidden values before and after it."""
    names = ("before.weight", "glimpses.before.weight", "ahead.weight", "glimpses.ahead.weight")
    parts = zip(names, (earlier, earlier, top, top), strict=True)
    halves = [graph.add("MatMul", of, graph.constant(name, weights[name].T)) for name, of in parts]
    return graph.add("Concat", *halves, axis=1, output="key")


def point(graph: Graph, config: Config, weights: dict[str, Array], own: str) -> None:
    """Mix the network's own logits with what the attention points at; as Network.log_probs."""
    last, row = graph.constant("last_axis", [2], np.int64), graph.constant("row_axis", [1], np.int64)
    scale = graph.constant("scale", 1.0 / np.sqrt(config.attention))
    key_parts = graph.constant("key_parts", [config.attention] * 2, np.int64)
    pointed, glimpsed = graph.split("Split", ("keys", key_parts), 2, axis=2)
    angles = -np.arange(OLDEST + 1)[:, None] * place_rates()
    places = _by_age(graph, "places", np.concatenate([np.sin(angles), np.cos(angles)], 1))  # (batch, S, P)
    found = _glimpse(graph, config, weights, glimpsed, places)
    thought = graph.add("Concat", "features", found, axis=1)
    thought = graph.add("Tanh", _linear(graph, weights, "glimpses.think", thought))
    more = (
        _linear(graph, weights, "glimpses.found_to_query", found),
        _linear(graph, weights, "glimpses.thought_to_query", thought),
    )
    query_parts = graph.constant("query_parts", [config.attention, PLACE], np.int64)
    content, place = graph.split("Split", (graph.add("Add", *more), query_parts), 2, axis=1)
    query = graph.add("Concat", _linear(graph, weights, "query", "features"), content, axis=1)
    scores = graph.add("MatMul", "keys", graph.add("Unsqueeze", graph.add("Mul", query, scale), last))
    scores = graph.add("Add", scores, graph.add("MatMul", places, graph.add("Unsqueeze", place, last)))
    scores = graph.add("Squeeze", scores, last)
    faded = graph.add("Mul", "age", graph.constant("fading", np.exp(weights["fading"])))
    followed = graph.add("Mul", "run", graph.constant("following", weights["following"]))
    looks = graph.add("Softmax", graph.add("Add", graph.add("Sub", scores, faded), followed), axis=1)
    looked = graph.add("Unsqueeze", looks, row)  # (batch, 1, S)
    read = graph.add("Squeeze", graph.add("MatMul", looked, pointed), row)  # (batch, K)
    stops = graph.add("Gather", graph.constant("stop.weight", weights["stop.weight"]), "said")  # (batch, S, 1)
    wish = graph.add("Squeeze", graph.add("MatMul", looked, stops), last)
    for name, of in (("gate", "features"), ("read_gate", read), ("glimpses.thought_to_gate", thought)):
        wish = graph.add("Add", wish, _linear(graph, weights, name, of))
    for name, of in (("read", read), ("glimpses.thought_to_logits", thought)):
        own = graph.add("Add", own, _linear(graph, weights, name, of))
    gate = graph.add("Sigmoid", wish)
    rest = graph.add("Sub", graph.constant("one", 1.0), gate)
    spoken = graph.add("Mul", graph.add("Softmax", own, axis=1), gate)
    mixed = graph.add("ScatterElements", spoken, "said", graph.add("Mul", looks, rest), axis=1, reduction="add")
    graph.add("Log", graph.add("Add", mixed, graph.constant("least", 1e-9)), output="logits")


def _linear(graph: Graph, weights: dict[str, Array], name: str, values: str) -> str:
    """Return a linear layer of values (batch, I), in single precision, with its bias if it has one."""
    product = graph.add("MatMul", values, graph.constant(f"{name}.weight", weights[f"{name}.weight"].T))
    if f"{name}.bias" not in weights:
        return product
    return graph.add("Add", product, graph.constant(f"{name}.bias", weights[f"{name}.bias"]))


def _by_age(graph: Graph, name: str, table: Array) -> str:
    """Return the rows (batch, S, N) of `table` (OLDEST + 1, N) that belong to how long ago each token was said."""
    age = graph.add("Cast", graph.add("Min", "age", graph.constant("oldest", OLDEST)), to=TensorProto.INT64)
    return graph.add("Gather", graph.constant(name, table), age)


def _glimpse(graph: Graph, config: Config, weights: dict[str, Array], keys: str, places: str) -> str:
    """Return what the glimpses find, (batch, GLIMPSES * (K + P)); as Glimpses.forward."""
    last, slots = graph.constant("last_axis", [2], np.int64), graph.constant("row_axis", [1], np.int64)
    asked = weights["glimpses.query.weight"].T / np.sqrt(config.attention)
    query = graph.add("MatMul", "features", graph.constant("glimpses.query.weight", asked))
    heads = graph.constant("heads", [-1, GLIMPSES, config.attention], np.int64)
    query = graph.add("Transpose", graph.add("Reshape", query, heads), perm=[0, 2, 1])
    ages = np.arange(OLDEST + 1)[:, None]
    faded = np.where((ages >= LOOK_AHEAD) & (ages < GLIMPSED), -np.exp(weights["glimpses.fading"]) * ages, NOWHERE)
    scores = graph.add("Add", graph.add("MatMul", keys, query), _by_age(graph, "glimpses.fading", faded))
    along = graph.constant("along", [FOLLOWING] + [0.0] * (GLIMPSES - 1))
    scores = graph.add("Add", scores, graph.add("Mul", graph.add("Unsqueeze", "run", last), along))
    # A softmax with NOTHING scores of 0 more, those of what is found where nothing fits.
    zero = graph.constant("zero", 0.0)
    highest = graph.add("Max", graph.add("ReduceMax", scores, slots), zero)
    looks = graph.add("Exp", graph.add("Sub", scores, highest))
    nothing = graph.add("Exp", graph.add("Sub", zero, highest))
    nothing = graph.add("Mul", nothing, graph.constant("nothing", NOTHING))
    looks = graph.add("Div", looks, graph.add("Add", graph.add("ReduceSum", looks, slots), nothing))
    looks = graph.add("Transpose", looks, perm=[0, 2, 1])
    found = graph.add("Concat", graph.add("MatMul", looks, keys), graph.add("MatMul", looks, places), axis=2)
    return graph.add("Reshape", found, graph.constant("found", [-1, GLIMPSES * (config.attention + PLACE)], np.int64))

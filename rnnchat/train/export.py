"""From a trained network to the two ONNX graphs that inference runs.

    step.onnx     token, hidden, cell  ->  hidden_out, cell_out, features      one time step, any batch
    output.onnx   features             ->  logits

With attention step.onnx also gives the key of the token just read, and output.onnx also takes the keys and tokens
remembered (export_attention.py).

They are two so that reading a text costs no output layer. Built by hand from standard operators, the same for
single precision and for int8. In int8 weights are symmetric per output channel; activations have a fixed scale
(hidden values lie in -1..1, features were measured), so a row's result never depends on the rest of its batch.
"""

from __future__ import annotations

import numpy as np
import torch

from rnnchat.checkpoint import Checkpoint
from rnnchat.config import STATES, Config
from rnnchat.train import export_attention
from rnnchat.train.corpus import Tokens
from rnnchat.train.graph import HIDDEN_SCALE, ZERO_POINT, Array, Graph
from rnnchat.train.network import Network
from rnnchat.vocabulary import Vocabulary


def step_graph(config: Config, weights: dict[str, Array], int8: bool) -> bytes:
    """Return the graph of one time step: shapes (batch,) token, (batch, layers, H) hidden and cell, (batch, F)."""
    graph = Graph(int8)
    state_shape: list[str | int] = ["batch", config.layers, config.hidden]
    states = STATES[config.cell]
    if config.cell == "feedforward":
        top = _feedforward(graph, config, weights)
    else:
        earlier, top = _recurrent(graph, config, weights, states)
        if config.attention:
            export_attention.key(graph, weights, earlier, top)
    if config.tied:
        product = graph.multiply(top, HIDDEN_SCALE, "projection.weight", weights["projection.weight"])
        graph.add("Add", product, graph.constant("projection.bias", weights["projection.bias"]), output="features")
    else:
        graph.add("Identity", top, output="features")
    outputs: dict[str, list[str | int]] = {f"{state}_out": state_shape for state in states}
    outputs["features"] = ["batch", config.features]
    if config.attention:
        outputs["key"] = ["batch", 4 * config.attention]
    return graph.model("step", {"token": ["batch"], **dict.fromkeys(states, state_shape)}, outputs)


def output_graph(config: Config, weights: dict[str, Array], int8: bool, features_scale: float) -> bytes:
    """Return the graph of the output layer: features (batch, F), and the memory if any, to logits (batch, V)."""
    graph = Graph(int8)
    table = weights["embedding.weight" if config.tied else "output.weight"]
    inputs: dict[str, list[str | int]] = {"features": ["batch", config.features]}
    bias = graph.constant("output.bias", weights["output.bias"])
    if config.attention:
        parts = (table, *export_attention.asked_of_features(config, weights))
        product = graph.multiply("features", features_scale, "output.weight", np.concatenate(parts))
        sizes = graph.constant("output.sizes", [len(part) for part in parts], np.int64)
        product, thought, query = graph.split("Split", (product, sizes), len(parts), axis=1)
        export_attention.point(graph, config, weights, graph.add("Add", product, bias), thought, query)
        inputs["keys"] = ["batch", "slots", 2 * config.attention]
        inputs |= {name: ["batch", "slots"] for name in ("said", "age", "run", "echo")}
    else:
        product = graph.multiply("features", features_scale, "output.weight", table)
        graph.add("Add", product, bias, output="logits")
    return graph.model("output", inputs, {"logits": ["batch", config.vocabulary]})


def _embed_and_multiply(graph: Graph, table: Array, name: str, weight: Array) -> str:
    """Return weight (O, E) times the embedding of `token`, (batch, O); int8 rows have a scale each."""
    if not graph.int8:
        embedded = graph.add("Gather", graph.constant("embedding.weight", table), "token")
        return graph.multiply(embedded, 1.0, name, weight)
    steps = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-8) / 127.0  # (V, 1)
    whole = np.rint(table / steps) + ZERO_POINT
    rows = graph.add("Gather", graph.constant("embedding.weight", whole, np.uint8), "token")
    scales = graph.add("Gather", graph.constant("embedding.steps", steps), "token")
    return graph.add("Mul", graph.multiply_quantized(rows, 1.0, name, weight), scales)


def _feedforward(graph: Graph, config: Config, weights: dict[str, Array]) -> str:
    values = ""
    for layer in range(config.layers):
        name = f"feedforward.{layer}.weight"
        if layer == 0:
            product = _embed_and_multiply(graph, weights["embedding.weight"], name, weights[name])
        else:
            product = graph.multiply(values, HIDDEN_SCALE, name, weights[name])
        bias = graph.constant(f"feedforward.{layer}.bias", weights[f"feedforward.{layer}.bias"])
        values = graph.add("Tanh", graph.add("Add", product, bias))
    return values


def _recurrent(graph: Graph, config: Config, weights: dict[str, Array], states: tuple[str, ...]) -> tuple[str, str]:
    """Return the hidden values of the top layer before and after the step."""
    axis = graph.constant("layer_axis", [1], np.int64)
    layers = {
        state: graph.split("Split", (state,), config.layers, axis=1, num_outputs=config.layers) for state in states
    }
    after: dict[str, list[str]] = {state: [] for state in states}
    before: list[str] = []
    top = ""
    for layer in range(config.layers):
        before = [graph.add("Squeeze", layers[state][layer], axis) for state in states]
        name = f"recurrent.weight_ih_l{layer}"
        if layer == 0:
            inner = _embed_and_multiply(graph, weights["embedding.weight"], name, weights[name])
        else:
            inner = graph.multiply(top, HIDDEN_SCALE, name, weights[name])
        name = f"recurrent.weight_hh_l{layer}"
        outer = graph.multiply(before[0], HIDDEN_SCALE, name, weights[name])
        biases = [weights[f"recurrent.bias_{kind}_l{layer}"] for kind in ("ih", "hh")]
        new = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}[config.cell](graph, inner, outer, before, biases, layer)
        for state, value in zip(states, new, strict=True):
            after[state].append(graph.add("Unsqueeze", value, axis))
        top = new[0]
    for state, values in after.items():
        graph.add("Concat", *values, axis=1, output=f"{state}_out")
    return before[0], top


def _lstm(graph: Graph, inner: str, outer: str, before: list[str], biases: list[Array], layer: int) -> list[str]:
    """h' = o tanh(c'), c' = f c + i g (Hochreiter and Schmidhuber 1997, with the forget gate of Gers 2000)."""
    total = graph.add("Add", graph.add("Add", inner, outer), graph.constant(f"bias_l{layer}", biases[0] + biases[1]))
    gates = graph.split("Split", (total,), 4, axis=1, num_outputs=4)
    write, forget, show = (graph.add("Sigmoid", gates[place]) for place in (0, 1, 3))
    kept = graph.add("Mul", forget, before[1])
    cell = graph.add("Add", kept, graph.add("Mul", write, graph.add("Tanh", gates[2])))
    return [graph.add("Mul", show, graph.add("Tanh", cell)), cell]


def _gru(graph: Graph, inner: str, outer: str, before: list[str], biases: list[Array], layer: int) -> list[str]:
    """h' = (1 - z) n + z h, n = tanh(W x + r (U h + b)) (Cho 2014, in the form that torch and cuDNN compute)."""
    inner = graph.add("Add", inner, graph.constant(f"bias_ih_l{layer}", biases[0]))
    outer = graph.add("Add", outer, graph.constant(f"bias_hh_l{layer}", biases[1]))
    from_input = graph.split("Split", (inner,), 3, axis=1, num_outputs=3)
    from_hidden = graph.split("Split", (outer,), 3, axis=1, num_outputs=3)
    reset, update = (graph.add("Sigmoid", graph.add("Add", from_input[g], from_hidden[g])) for g in (0, 1))
    new = graph.add("Tanh", graph.add("Add", from_input[2], graph.add("Mul", reset, from_hidden[2])))
    # (1 - z) n + z h = n + z (h - n)
    return [graph.add("Add", new, graph.add("Mul", update, graph.add("Sub", before[0], new)))]


def _rnn(graph: Graph, inner: str, outer: str, before: list[str], biases: list[Array], layer: int) -> list[str]:
    """h' = tanh(W x + U h + b) (Elman 1990)."""
    total = graph.add("Add", graph.add("Add", inner, outer), graph.constant(f"bias_l{layer}", biases[0] + biases[1]))
    return [graph.add("Tanh", total)]


def weights_as_arrays(network: Network) -> dict[str, Array]:
    """Return the network's weights by name, the shared embedding once."""
    tied = {"output.weight"} if network.config.tied else set()
    state = {name: value for name, value in network.state_dict().items() if name not in tied}
    return {name: value.detach().float().cpu().numpy().copy() for name, value in state.items()}


@torch.no_grad()
def measure_features(network: Network, tokens: Tokens) -> float:
    """Return the scale at which int8 holds every feature that the network computes on `tokens`."""
    if not network.config.tied:
        return HIDDEN_SCALE
    network.eval()
    streams = max(1, min(16, len(tokens) // 32))
    rows = torch.as_tensor(tokens[: len(tokens) // streams * streams].reshape(streams, -1).T.astype(np.int64)[:512])
    features, _ = network(rows, network.start(streams))
    return max(float(features.abs().max()), 1e-3) / 127.0


def export_checkpoint(network: Network, vocabulary: Vocabulary, tokens: Tokens, card: str) -> Checkpoint:
    """Return the network as a checkpoint; `tokens` are some of its text, to measure the features' range on."""
    weights = weights_as_arrays(network)
    return Checkpoint(
        config=network.config,
        vocabulary=vocabulary,
        card=card,
        step_graph=step_graph(network.config, weights, int8=True),
        output_graph=output_graph(network.config, weights, True, measure_features(network, tokens)),
        weights=weights,
    )

"""Small checkpoints for tests: random weights, and float graphs that compute exactly what the weights say."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from rnnchat.checkpoint import Checkpoint
from rnnchat.config import Cell, Config, expected_tensors
from rnnchat.vocabulary import Unit, Vocabulary

STATES = {"lstm": ("hidden", "cell"), "gru": ("hidden",), "rnn": ("hidden",), "feedforward": ()}
CHARACTERS = tuple("\n abcdefghijklmnopqrstuvwxyz.,'?!")
WORDS = (" the", " cat", " pizza", "hello", " is", " good")


def tiny_checkpoint(
    cell: Cell = "lstm", unit: Unit = "char", name: str = "tiny", seed: int = 0, tied: bool = True, layers: int = 2
) -> Checkpoint:
    """Return an untrained checkpoint of a few thousand random numbers, fit to be saved, loaded and run.

    Args:
        cell: the kind of network.
        unit: "char" has 33 characters, "word" six words more.
        name: its name.
        seed: of the random weights.
        tied: whether the output layer is the embedding, transposed.
        layers: layers of 6 units each.
    """
    vocabulary = Vocabulary(unit, CHARACTERS if unit == "char" else CHARACTERS + WORDS)
    config = Config(
        name=name,
        unit=unit,
        cell=cell,
        layers=layers,
        hidden=6,
        embedding=4,
        vocabulary=len(vocabulary),
        tied=tied,
        memories=("none",) if cell == "feedforward" else ("full", "message"),
        tuned={"threshold": 0.25},
    )
    random = np.random.default_rng(seed)
    shapes = expected_tensors(config).items()
    weights = {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes}
    step, output = graphs(config, weights)
    card = f"# {name}\n\nUntrained, for tests.\n"
    return Checkpoint(config, vocabulary, card, step.SerializeToString(), output.SerializeToString(), weights)


def graphs(config: Config, weights: dict[str, np.ndarray]) -> tuple[ModelProto, ModelProto]:
    """Return the step and the output graph of `weights`."""
    step = Graph(weights)
    value = step.add("Gather", "embedding.weight", "token", axis=0)
    states: dict[str, list[str]] = {name: [] for name in STATES[config.cell]}
    for n in range(config.layers):
        if config.cell == "feedforward":
            value = step.add("Tanh", step.linear(value, f"feedforward.{n}.weight", f"feedforward.{n}.bias"))
            continue
        before = [step.layer(name, n) for name in states]
        after = CELLS[config.cell](step, n, value, *before)
        value = after[0]
        for name, state in zip(states, after, strict=True):
            states[name].append(step.add("Unsqueeze", state, step.constant([1])))
    for name, parts in states.items():
        step.add("Concat", *parts, axis=1, to=f"{name}_out")
    if config.tied:
        value = step.linear(value, "projection.weight", "projection.bias")
    step.add("Identity", value, to="features")
    output = Graph(weights)
    matrix = "embedding.weight" if config.tied else "output.weight"
    output.add("Identity", output.linear("features", matrix, "output.bias"), to="logits")

    state = {name: ("float", ["batch", config.layers, config.hidden]) for name in states}
    features = {"features": ("float", ["batch", config.features])}
    logits = {"logits": ("float", ["batch", config.vocabulary])}
    state_out = {f"{name}_out": shape for name, shape in state.items()}
    return step.model({"token": ("int", ["batch"])} | state, state_out | features), output.model(features, logits)


class Graph:
    """An ONNX graph that grows node by node."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def add(self, operator: str, *inputs: str, to: str = "", count: int = 1, **attributes: Any) -> str:
        """Add a node and return the name of its (first) output; further ones end in .1, .2, ..."""
        to = to or f"v{len(self.nodes)}"
        names = [to] + [f"{to}.{i}" for i in range(1, count)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return to

    def constant(self, values: list[int]) -> str:
        name = f"c{'_'.join(map(str, values))}"
        self.constants[name] = np.array(values, np.int64)
        return name

    def linear(self, value: str, weight: str, bias: str) -> str:
        return self.add("Gemm", value, weight, bias, transB=1)

    def layer(self, state: str, n: int) -> str:
        axis = self.constant([1])
        return self.add("Squeeze", self.add("Slice", state, self.constant([n]), self.constant([n + 1]), axis), axis)

    def gates(self, n: int, value: str, hidden: str) -> tuple[str, str]:
        """Return what the input and what the hidden state add to all gates of layer n: (batch, G*H) each."""
        return (
            self.linear(value, f"recurrent.weight_ih_l{n}", f"recurrent.bias_ih_l{n}"),
            self.linear(hidden, f"recurrent.weight_hh_l{n}", f"recurrent.bias_hh_l{n}"),
        )

    def model(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> ModelProto:
        used = {name for node in self.nodes for name in node.input}
        tensors = {name: array for name, array in (self.weights | self.constants).items() if name in used}
        kinds = {"float": TensorProto.FLOAT, "int": TensorProto.INT64}
        sides = [
            [helper.make_tensor_value_info(name, kinds[kind], shape) for name, (kind, shape) in side.items()]
            for side in (inputs, outputs)
        ]
        initializers = [numpy_helper.from_array(array, name) for name, array in tensors.items()]
        graph = helper.make_graph(self.nodes, "tiny", sides[0], sides[1], initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _rnn(graph: Graph, n: int, value: str, hidden: str) -> tuple[str, ...]:
    return (graph.add("Tanh", graph.add("Add", *graph.gates(n, value, hidden))),)


def _gru(graph: Graph, n: int, value: str, hidden: str) -> tuple[str, ...]:
    ours, theirs = (graph.add("Split", part, count=3, axis=1) for part in graph.gates(n, value, hidden))
    reset = graph.add("Sigmoid", graph.add("Add", ours, theirs))
    keep = graph.add("Sigmoid", graph.add("Add", f"{ours}.1", f"{theirs}.1"))
    new = graph.add("Tanh", graph.add("Add", f"{ours}.2", graph.add("Mul", reset, f"{theirs}.2")))
    # new + keep * (hidden - new)
    return (graph.add("Add", new, graph.add("Mul", keep, graph.add("Sub", hidden, new))),)


def _lstm(graph: Graph, n: int, value: str, hidden: str, cell: str) -> tuple[str, ...]:
    gates = graph.add("Split", graph.add("Add", *graph.gates(n, value, hidden)), count=4, axis=1)
    let_in, forget, let_out = (graph.add("Sigmoid", f"{gates}{end}") for end in ("", ".1", ".3"))
    new = graph.add("Mul", let_in, graph.add("Tanh", f"{gates}.2"))
    cell = graph.add("Add", graph.add("Mul", forget, cell), new)
    return graph.add("Mul", let_out, graph.add("Tanh", cell)), cell


CELLS: dict[str, Any] = {"rnn": _rnn, "gru": _gru, "lstm": _lstm}

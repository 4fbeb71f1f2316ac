"""One definition of each cell: torch, the exported graphs and a few lines of numpy agree."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
import torch

from rnnchat.checkpoint import Cell, Checkpoint, Config, Memory
from rnnchat.recurrent import RecurrentModel
from rnnchat.train.export import output_graph, step_graph, weights_as_arrays
from rnnchat.train.network import Network, full_loss, sampled_loss
from rnnchat.vocabulary import DOCUMENT, FIRST_TOKEN, Vocabulary

Array = npt.NDArray[np.floating[Any]]
TOKENS = Vocabulary("char", [chr(97 + place) for place in range(26)])
CELLS = ["lstm", "gru", "rnn", "feedforward"]


def make_network(cell: str, tied: bool = False, layers: int = 2, hidden: int = 48) -> Network:
    torch.manual_seed(7)
    memories: tuple[Memory, ...] = ("none",) if cell == "feedforward" else ("full", "message")
    config = Config(
        name="probe", unit="char", cell=cast(Cell, cell), layers=layers, hidden=hidden, embedding=24,
        vocabulary=len(TOKENS), tied=tied, memories=memories,
    )  # fmt: skip
    network = Network(config).eval()
    for parameter in network.parameters():  # zeros would hide a layer that is left out
        torch.nn.init.normal_(parameter, std=0.1)  # small enough that the plain cell is not chaotic
    return network


def model_of(network: Network, int8: bool) -> RecurrentModel:
    weights = weights_as_arrays(network)
    graphs = step_graph(network.config, weights, int8), output_graph(network.config, weights, int8, 4 / 127)
    return RecurrentModel(Checkpoint(network.config, TOKENS, "", *graphs))


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def numpy_log_probs(weights: dict[str, Array], config: Config, tokens: list[int]) -> Array:
    """The cells as textbooks write them, one token at a time."""
    h = np.zeros((config.layers, config.hidden), np.float32)
    c = np.zeros_like(h)
    rows = []
    for token in tokens:
        x = weights["embedding.weight"][token]
        for n in range(config.layers):
            if config.cell == "feedforward":
                x = np.tanh(weights[f"feedforward.{n}.weight"] @ x + weights[f"feedforward.{n}.bias"])
                continue
            a = weights[f"recurrent.weight_ih_l{n}"] @ x + weights[f"recurrent.bias_ih_l{n}"]
            b = weights[f"recurrent.weight_hh_l{n}"] @ h[n] + weights[f"recurrent.bias_hh_l{n}"]
            if config.cell == "lstm":
                i, f, g, o = np.split(a + b, 4)
                c[n] = sigmoid(f) * c[n] + sigmoid(i) * np.tanh(g)
                h[n] = sigmoid(o) * np.tanh(c[n])
            elif config.cell == "gru":
                (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
                z = sigmoid(az + bz)
                h[n] = (1 - z) * np.tanh(an + sigmoid(ar + br) * bn) + z * h[n]
            else:
                h[n] = np.tanh(a + b)
            x = h[n]
        if config.tied:
            x = weights["projection.weight"] @ x + weights["projection.bias"]
        table = weights["embedding.weight"] if config.tied else weights["output.weight"]
        logits = table @ x + weights["output.bias"]
        rows.append(logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max())
    return np.array(rows)


def engine_log_probs(model: RecurrentModel, tokens: list[int]) -> Array:
    """From the empty state, as numpy and torch begin."""
    assert tokens[0] == DOCUMENT
    state, rows = model.start(), []
    rows.append(model.log_probs(state))
    for token in tokens[1:]:
        state = model.step([state], [token])[0]
        rows.append(model.log_probs(state))
    return np.array(rows)


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("cell", CELLS)
def test_torch_onnx_and_numpy_agree(cell: str, tied: bool) -> None:
    network = make_network(cell, tied)
    tokens = [DOCUMENT, *np.random.default_rng(1).integers(FIRST_TOKEN, len(TOKENS), 500).tolist()]
    with torch.no_grad():
        features, _ = network(torch.tensor(tokens)[:, None], network.start(1))
        in_torch = torch.log_softmax(network.logits(features)[:, 0], -1).numpy()
    in_numpy = numpy_log_probs(weights_as_arrays(network), network.config, tokens)
    in_engine = engine_log_probs(model_of(network, int8=False), tokens)
    assert np.abs(in_torch - in_numpy).max() < 1e-4
    assert np.abs(in_engine - in_numpy).max() < 1e-4


@pytest.mark.parametrize("cell", CELLS)
def test_int8_stays_near(cell: str) -> None:
    network = make_network(cell, hidden=64)
    tokens = [DOCUMENT, *np.random.default_rng(1).integers(FIRST_TOKEN, len(TOKENS), 200).tolist()]
    exact, rounded = (engine_log_probs(model_of(network, int8), tokens) for int8 in (False, True))
    loss = [-rows[np.arange(200), tokens[1:]].mean() for rows in (exact, rounded)]
    assert abs(loss[1] - loss[0]) < 0.01 * loss[0]


@pytest.mark.parametrize("int8", [False, True], ids=["float", "int8"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_batch_is_its_rows(cell: str, int8: bool) -> None:
    """What a row computes never depends on the rows beside it, and a step changes no state it was given."""
    model = model_of(make_network(cell), int8)
    states = [model.start()]
    for token in (300, 270, 265):
        if token < len(model.vocabulary):
            states.append(model.step([states[-1]], [token])[0])
    before = [state.features.copy() for state in states]
    tokens = [260 + place for place in range(len(states))]
    together = model.step(states, tokens)
    for state, token, joint, kept in zip(states, tokens, together, before, strict=True):
        alone = model.step([state], [token])[0]
        assert np.allclose(alone.features, joint.features, atol=1e-6)
        assert np.array_equal(state.features, kept)
    assert np.allclose(model.batch_log_probs(states)[0], model.log_probs(states[0]), atol=1e-6)
    assert np.isclose(np.exp(model.log_probs(states[0])).sum(), 1.0, atol=1e-5)


def test_the_feedforward_network_sees_one_token() -> None:
    model = model_of(make_network("feedforward"), int8=True)
    ways = [[260, 261, 270], [265, 270], [270]]
    ends = []
    for tokens in ways:
        state = model.start()
        for token in tokens:
            state = model.step([state], [token])[0]
        ends.append(model.log_probs(state))
    assert np.array_equal(ends[0], ends[1])
    assert np.array_equal(ends[0], ends[2])


def test_the_untrained_network_says_the_unigram() -> None:
    unigram = torch.log_softmax(torch.randn(len(TOKENS)), 0)
    network = Network(make_network("lstm").config, unigram)
    features, _ = network(torch.tensor([[DOCUMENT]]), network.start(1))
    assert torch.allclose(torch.log_softmax(network.logits(features)[0, 0], 0), unigram, atol=1e-5)


def test_the_sampled_loss_is_right_on_average() -> None:
    torch.manual_seed(0)
    config = Config(
        name="probe", unit="word", cell="lstm", layers=1, hidden=16, embedding=16, vocabulary=4_000, tied=True,
        memories=("full",),
    )  # fmt: skip
    network = Network(config)
    torch.nn.init.normal_(network.output.bias, std=1.0)
    features, targets = torch.randn(5, 4, 16), torch.randint(4_000, (5, 4))
    exact = full_loss(network, features, targets).item()
    estimates = [sampled_loss(network, features, targets, 200, 400).item() for _ in range(200)]
    assert math.isclose(sum(estimates) / 200, exact, rel_tol=0.01)
    assert sampled_loss(network, features, targets, 3_900, 400).item() == pytest.approx(exact, abs=1e-5)

"""One definition of each cell: torch, the exported graphs and a few lines of numpy agree."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnchat.checkpoint import Checkpoint
from rnnchat.config import LOOK_BEHIND, REMEMBERED, Cell, Config, Memory
from rnnchat.errors import ModelError
from rnnchat.model import read
from rnnchat.recurrent import RecurrentModel
from rnnchat.said import Said
from rnnchat.train.attention import echoes
from rnnchat.train.batches import turn_weights
from rnnchat.train.export import output_graph, step_graph, weights_as_arrays
from rnnchat.train.losses import Lesson, full_loss, full_losses, sampled_loss
from rnnchat.train.network import Network
from rnnchat.train.widen import widened
from rnnchat.vocabulary import BOT, DOCUMENT, FIRST_TOKEN, USER, Vocabulary

Array = npt.NDArray[np.floating[Any]]
TOKENS = Vocabulary("char", [chr(97 + place) for place in range(26)])
CELLS = ["lstm", "gru", "rnn", "feedforward"]
WITH_AND_WITHOUT_POINTER = [(cell, width) for cell in CELLS for width in (0, 16) if cell != "feedforward" or width == 0]


def make_network(cell: str, tied: bool = False, layers: int = 2, hidden: int = 48, attention: int = 0) -> Network:
    torch.manual_seed(7)
    memories: tuple[Memory, ...] = ("none",) if cell == "feedforward" else ("full", "message")
    config = Config(
        name="probe", unit="char", cell=cast(Cell, cell), layers=layers, hidden=hidden, embedding=24,
        vocabulary=len(TOKENS), tied=tied, memories=memories, attention=attention,
    )  # fmt: skip
    network = Network(config).eval()
    for parameter in network.parameters():  # zeros would hide a layer that is left out
        torch.nn.init.normal_(parameter, std=0.1)  # small enough that the plain cell is not chaotic
    if attention:  # large enough that the attention is not the mean of all
        torch.nn.init.normal_(network.before.weight, std=2.0)
        torch.nn.init.normal_(network.ahead.weight, std=2.0)
        torch.nn.init.normal_(network.stop.weight, std=1.0)
        torch.nn.init.normal_(network.read.weight, std=0.02)  # keys are large; rounding grows with logits
        for late in ("thought_to_gate", "thought_to_following", "thought_to_echo"):
            torch.nn.init.normal_(getattr(network.glimpses, late).weight, std=0.3)
        for late in ("found_to_query", "thought_to_query", "thought_to_logits"):
            torch.nn.init.normal_(getattr(network.glimpses, late).weight, std=0.05)
        torch.nn.init.constant_(network.fading, -3.0)
        for early in (network.glimpses.before, network.glimpses.ahead, network.glimpses.query):
            torch.nn.init.normal_(early.weight, std=1.0)
        torch.nn.init.normal_(network.query.weight, std=2.0)
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
    rows, tops = [], [h[-1].copy()]
    for place, token in enumerate(tokens):
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
        if config.attention:
            tops.append(h[-1].copy())
            said: Array = np.arange(place + 1, dtype=np.float64)
            keys, glimpsed = (numpy_keys(weights, part, tops, place) for part in ("", "glimpses."))
            run = np.array([run_before(tokens, s, place) for s in range(place + 1)])
            echo = np.array([echo_of(tokens, s, place) for s in range(place + 1)])
            asked, place_asked, thought = numpy_thought(weights, config, x, glimpsed, run, echo)
            scores = keys @ (weights["query.weight"] @ x) / math.sqrt(config.attention) + glimpsed @ asked
            scores += sines(said - place) @ place_asked
            scores -= np.exp(weights["fading"]) * (place - said)
            scores += weights["glimpses.thought_to_echo.weight"] @ thought * echo
            scores += (weights["following"] + weights["glimpses.thought_to_following.weight"] @ thought) * run
            looks = np.exp(scores - scores.max())
            looks /= looks.sum()
            read = looks @ keys
            logits = logits + weights["read.weight"] @ read + weights["glimpses.thought_to_logits.weight"] @ thought
            stop = looks @ weights["stop.weight"][tokens[: place + 1], 0] + weights["read_gate.weight"] @ read
            stop += weights["glimpses.thought_to_gate.weight"] @ thought
            gate = sigmoid(weights["gate.weight"] @ x + weights["gate.bias"] + stop)
            again = np.bincount(tokens[: place + 1], looks, len(logits))
        row = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
        if config.attention:
            row = np.log(gate * np.exp(row) + (1 - gate) * again + 1e-9)
        rows.append(row)
    return np.array(rows)


def numpy_keys(weights: dict[str, Array], part: str, tops: list[Array], place: int) -> Array:
    """What was known before each token, and ten tokens after it or now; tops[0] is the empty state."""
    before, ahead = weights[f"{part}before.weight"], weights[f"{part}ahead.weight"]
    return np.array([before @ tops[s] + ahead @ tops[min(s + 10, place) + 1] for s in range(place + 1)])


def numpy_thought(
    weights: dict[str, Array], config: Config, x: Array, keys: Array, run: Array, echo: Array
) -> tuple[Array, Array, Array]:
    """Three looks at what was said 10 to 319 tokens ago; what they make the pointer ask for, and the thought itself."""
    place, width = len(keys) - 1, config.attention
    queries = (weights["glimpses.query.weight"] @ x).reshape(3, width)
    found: list[float] = []
    contents: list[Array] = []
    for head, query in enumerate(queries):
        content, when, spoken_of = np.zeros(width), np.zeros(16), 0.0
        shares = [(s, keys[s] @ query / math.sqrt(width)) for s in range(max(0, place - 319), place - 9)]
        fading = math.exp(weights["glimpses.fading"][head])
        drawn = (20 * run, 8 * echo, 0 * run)[head]
        powers = [math.exp(score - fading * (place - s) + drawn[s]) for s, score in shares]
        for (s, _), power in zip(shares, powers, strict=True):
            content += power / sum(powers) * keys[s]
            when += power / sum(powers) * sines(np.array(float(s - place)))
            spoken_of += power / sum(powers) * echo[s]
        found += [*content, *when, spoken_of]
        contents.append(content)
    alike = [one @ other / width for one in contents for other in contents]
    thought = np.tanh(weights["glimpses.think.weight"] @ [*x, *alike, *found] + weights["glimpses.think.bias"])
    query = weights["glimpses.found_to_query.weight"] @ found + weights["glimpses.thought_to_query.weight"] @ thought
    return query[:width], query[width:], thought


def sines(times: Array) -> Array:
    """Eight sines and eight cosines, the fastest a radian every two tokens, the slowest every thousand."""
    rates = [2 * 500 ** (n / 7) for n in range(8)]
    return np.concatenate([np.sin(times[..., None] / rates), np.cos(times[..., None] / rates)], -1)


def echo_of(tokens: list[int], slot: int, place: int) -> float:
    """How many of the next twelve fours of tokens at `slot` were said in the turn before this one, of eight."""
    begins = [p for p in range(place + 1) if tokens[p] in (DOCUMENT, USER, BOT)]
    if len(begins) < 2 or slot >= begins[-2] or place - slot >= 320:
        return 0.0
    turn = tokens[begins[-2] + 1 : begins[-1]]
    said = {tuple(turn[p : p + 4]) for p in range(len(turn) - 3)}
    fours = (tuple(tokens[p : p + 4]) for p in range(slot, min(slot + 12, begins[-2] - 3)))
    return min(1.0, sum(four in said for four in fours) / 8)


def run_before(tokens: list[int], slot: int, place: int) -> float:
    """How much of what stands before `slot` equals what was read up to `place`."""
    run = 0
    while run < LOOK_BEHIND and slot - 1 - run >= 0 and tokens[slot - 1 - run] == tokens[place - run]:
        run += 1
    return run / LOOK_BEHIND


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
@pytest.mark.parametrize(("cell", "attention"), WITH_AND_WITHOUT_POINTER)
def test_torch_onnx_and_numpy_agree(cell: str, tied: bool, attention: int) -> None:
    network = make_network(cell, tied, attention=attention)
    tokens = [DOCUMENT, *np.random.default_rng(1).integers(FIRST_TOKEN, len(TOKENS), 360).tolist()]
    tokens[200:230] = tokens[100:130]  # something said twice
    tokens[90] = tokens[150] = tokens[240] = USER
    tokens[140] = tokens[190] = tokens[260] = BOT
    with torch.no_grad():
        features, state = network(torch.tensor(tokens)[:, None], network.start(1))
        in_torch = network.log_probs(features, state)[:, 0].numpy()
    in_numpy = numpy_log_probs(weights_as_arrays(network), network.config, tokens)
    in_engine = engine_log_probs(model_of(network, int8=False), tokens)
    assert np.abs(in_torch - in_numpy).max() < 1e-4
    assert np.abs(in_engine - in_numpy).max() < 1e-4


@pytest.mark.parametrize(("cell", "attention"), WITH_AND_WITHOUT_POINTER)
def test_int8_stays_near(cell: str, attention: int) -> None:
    network = make_network(cell, hidden=64, attention=attention)
    tokens = [DOCUMENT, *np.random.default_rng(1).integers(FIRST_TOKEN, len(TOKENS), 200).tolist()]
    exact, rounded = (engine_log_probs(model_of(network, int8), tokens) for int8 in (False, True))
    loss = [-rows[np.arange(200), tokens[1:]].mean() for rows in (exact, rounded)]
    assert abs(loss[1] - loss[0]) < 0.01 * loss[0]


def test_the_loss_is_that_of_the_probabilities_and_carries_what_was_said() -> None:
    """With a pointer, too; a text read in parts is the text read at once; other documents are out of sight."""
    network = make_network("lstm", attention=16)
    tokens = torch.randint(FIRST_TOKEN, len(TOKENS), (60, 3))
    tokens[20, 1] = tokens[41, 2] = DOCUMENT
    with torch.no_grad():
        features, state = network(tokens[:-1], network.start(3))
        rows = network.log_probs(features, state)
        wanted = -rows.gather(-1, tokens[1:, :, None])[..., 0]
        assert math.isclose(full_loss(network, features, tokens[1:], state).item(), wanted.mean().item(), rel_tol=1e-4)
        assert torch.allclose(rows.exp().sum(-1), torch.ones(59, 3), atol=1e-4)
        first, middle = network(tokens[:30], network.start(3))
        second, end = network(tokens[30:-1], middle)
        parts = torch.cat([network.log_probs(first, middle), network.log_probs(second, end)])
        assert torch.allclose(parts, rows, atol=1e-5)
        looks = network.look_back(features, state).weights
    assert looks[1, 20:, :20].max() == 0 and looks[2, 41:, :41].max() == 0
    assert torch.triu(looks[0], 1).max() == 0


@given(st.lists(st.sampled_from([DOCUMENT, USER, BOT, *[FIRST_TOKEN] * 6, *[FIRST_TOKEN + 1] * 6]), max_size=60))
def test_echoes_are_found_alike_by_torch_numpy_and_hand(tokens: list[int]) -> None:
    tokens = [DOCUMENT, *tokens]
    in_torch = echoes(torch.tensor([tokens]), len(tokens))[0].numpy()
    said = Said(4)
    for place, token in enumerate(tokens):
        said = said.then(np.zeros(8, np.float32), token)
        by_hand = [echo_of(tokens, slot, place) for slot in range(place + 1)]
        assert np.allclose(said.echo, by_hand) and np.allclose(in_torch[place, : place + 1], by_hand)


def test_what_seeps_through_the_gate_while_training_is_the_pointers() -> None:
    network = make_network("lstm", attention=16)
    tokens = torch.tensor([DOCUMENT, *range(FIRST_TOKEN, FIRST_TOKEN + 9), *range(FIRST_TOKEN, FIRST_TOKEN + 9)])[
        :, None
    ]
    with torch.no_grad():
        network.gate.bias.fill_(40.0)  # shut: nothing of the pointer is heard
        features, state = network(tokens[:-1], network.start(1))
        looks = network.look_back(features, state)
        own = torch.log_softmax(network.logits(features, looks), -1).exp().gather(-1, tokens[1:, :, None])[..., 0, 0]
        again = (looks.weights[0] * (looks.tokens == tokens[1:])).sum(-1)
        shut, seeping = (full_losses(network, features, tokens[1:], state, seep=seep)[0].item() for seep in (0.0, 0.05))
    assert math.isclose(shut, -own.log().mean().item(), rel_tol=1e-4)
    assert math.isclose(seeping, -(0.95 * own + 0.05 * again).log().mean().item(), rel_tol=1e-4)


def test_graphs_whose_keys_have_another_width_are_refused_in_a_sentence() -> None:
    network, other = make_network("lstm", attention=16), make_network("lstm", attention=8)
    graphs = (
        step_graph(other.config, weights_as_arrays(other), True),
        output_graph(other.config, weights_as_arrays(other), True, 4 / 127),
    )
    with pytest.raises(ModelError, match="train it again"):
        RecurrentModel(Checkpoint(network.config, TOKENS, "", *graphs))


def test_what_was_said_is_a_value_and_bounded() -> None:
    model = model_of(make_network("lstm", attention=16), int8=True)
    random = np.random.default_rng(0)
    state = model.start()
    for token in random.integers(FIRST_TOKEN, len(TOKENS), 3 * REMEMBERED).tolist():
        state = model.step([state], [token])[0]
    assert state.said is not None and len(state.said) == REMEMBERED
    before = model.log_probs(state)
    one, other = model.step([state], [260])[0], model.step([state], [261])[0]  # two ways on from one state
    assert np.array_equal(model.log_probs(state), before)
    for way, token in ((one, 260), (other, 261)):
        assert way.said is not None and way.said.tokens[-1] == token
        assert np.array_equal(way.said.tokens[:-1], state.said.tokens[1:])
    alone = model.log_probs(one)
    assert np.allclose(model.batch_log_probs([model.start(), one])[1], alone, atol=1e-6)


def test_ways_that_part_do_not_disturb_each_other() -> None:
    model = model_of(make_network("lstm", attention=16), int8=True)
    tokens = np.random.default_rng(0).integers(FIRST_TOKEN, FIRST_TOKEN + 4, 90).tolist()
    beginning = read(model, model.start(), tokens[:50])
    long = read(model, beginning, tokens[50:])
    other = read(model, beginning, [*tokens[60:], *tokens[50:60]])
    alone = read(model, read(model, model.start(), [*tokens[:50], *tokens[60:]]), tokens[50:60])
    assert np.allclose(model.log_probs(other), model.log_probs(alone), atol=1e-6)
    assert np.allclose(model.log_probs(long), model.log_probs(read(model, model.start(), tokens)), atol=1e-6)
    assert np.allclose(model.log_probs(beginning), model.log_probs(read(model, model.start(), tokens[:50])), atol=1e-6)


def test_what_the_user_says_counts_less() -> None:
    tokens = np.array([DOCUMENT, USER, 260, 261, BOT, 262, USER, 263, DOCUMENT, 264], np.int32)
    assert turn_weights(tokens, 0.5).tolist() == [1, 1, 0.5, 0.5, 0.5, 1, 1, 0.5, 0.5, 1]


@pytest.mark.parametrize("int8", [False, True], ids=["float", "int8"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_batch_is_its_rows(cell: str, int8: bool) -> None:
    """What a row computes never depends on the rows beside it, and a step changes no state it was given."""
    model = model_of(make_network(cell), int8)
    states = [model.start()]
    for token in (280, 270, 265):
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


@pytest.mark.parametrize(("cell", "attention"), [pair for pair in WITH_AND_WITHOUT_POINTER if pair[0] != "feedforward"])
@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
def test_a_wider_network_says_the_same_until_it_learns(cell: str, attention: int, tied: bool) -> None:
    narrow, wide = (make_network(cell, tied, hidden=hidden, attention=attention) for hidden in (24, 40))
    wide.load_state_dict(widened(dict(narrow.named_parameters()), wide), strict=False)  # as a checkpoint has them
    tokens = torch.randint(1, len(TOKENS), (30, 2))
    before, after = (network.log_probs(*network(tokens, network.start(2))) for network in (narrow, wide))
    assert torch.allclose(before, after, atol=1e-4)
    features, state = wide(tokens[:-1], wide.start(2))
    full_loss(wide, features, tokens[1:], state).backward()  # type: ignore[no-untyped-call]
    reads = (wide.projection if tied else wide.output).weight.grad
    assert reads is not None
    assert (reads[:, 24:].abs().amax(0) > 0).all()


@pytest.mark.parametrize(("cell", "attention"), WITH_AND_WITHOUT_POINTER)
def test_all_that_a_lesson_needs_is_made_where_torch_computes(
    cell: str, attention: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device "meta" computes nothing, but refuses what lies elsewhere as a graphics card does."""
    monkeypatch.setattr(torch, "autocast", lambda *wanted, **options: nullcontext())  # which knows no such device
    with torch.device("meta"):
        network = make_network(cell, attention=attention).train()
        tokens = torch.zeros(400, 3, dtype=torch.long)
        loss, astray = Lesson(network, 0.05)(tokens, torch.ones(399, 3), *network.start(3))
        (loss + astray).backward()
        network.eval()
        features, state = network(tokens[:30], network.start(3))
        network.log_probs(features, state)
    assert loss.device.type == "meta"
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_the_sampled_loss_is_right_on_average() -> None:
    torch.manual_seed(0)
    config = Config(
        name="probe", unit="word", cell="lstm", layers=1, hidden=16, embedding=16, vocabulary=4_000, tied=True,
        memories=("full",),
    )  # fmt: skip
    network = Network(config)
    torch.nn.init.normal_(network.output.bias, std=1.0)
    features, targets = torch.randn(5, 4, 16), torch.randint(4_000, (5, 4))
    exact = full_loss(network, features, targets, ()).item()
    estimates = [sampled_loss(network, features, targets, 200, 400).item() for _ in range(200)]
    assert math.isclose(sum(estimates) / 200, exact, rel_tol=0.01)
    assert sampled_loss(network, features, targets, 3_900, 400).item() == pytest.approx(exact, abs=1e-5)

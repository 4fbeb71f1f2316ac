"""One recurrent step of a checkpoint, output layer included: the engine against torch and numpy, side by side.

Also what a key costs after much context against little: the Completer, typing on after 100 and after 10,000
characters.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from benchmarks.report import PUBLIC_TEXTS, arguments, median, milliseconds, show
from rnnchat.checkpoint import Checkpoint
from rnnchat.complete import Completer
from rnnchat.places import find_model
from rnnchat.quality import nats_per_character
from rnnchat.recurrent import RecurrentModel
from rnnchat.train.export import output_graph, step_graph
from rnnchat.train.network import Network
from rnnchat.train.trainer import weights_of
from rnnchat.vocabulary import DOCUMENT

SENTENCE = "We could meet at the station and then walk to the park together, if the weather stays fine. "


def engine_step(model: RecurrentModel, batch: int) -> object:
    """Return what one step and its probabilities compute."""
    states = model.step([model.start()] * batch, [DOCUMENT] * batch)
    return model.batch_log_probs(states)


@torch.no_grad()
def torch_step(network: Network, batch: int) -> object:
    """Do the same in torch."""
    features, state = network(torch.full((1, batch), DOCUMENT), network.start(batch))
    return torch.log_softmax(network.logits(features), -1), state


def numpy_step(weights: dict[str, Any], batch: int) -> object:
    """Do the same in numpy: one lstm layer."""
    hidden = np.zeros((batch, weights["recurrent.weight_hh_l0"].shape[1]), np.float32)
    cell = hidden
    inner = weights["embedding.weight"][[DOCUMENT] * batch] @ weights["recurrent.weight_ih_l0"].T
    gates = inner + hidden @ weights["recurrent.weight_hh_l0"].T + weights["recurrent.bias_ih_l0"]
    write, forget, new, show_gate = np.split(gates, 4, axis=1)
    cell = cell / (1 + np.exp(-forget)) + np.tanh(new) / (1 + np.exp(-write))
    hidden = np.tanh(cell) / (1 + np.exp(-show_gate))
    if "projection.weight" in weights:
        hidden = hidden @ weights["projection.weight"].T
    logits = hidden @ weights.get("output.weight", weights["embedding.weight"]).T + weights["output.bias"]
    return logits - np.log(np.exp(logits - logits.max()).sum())


def step_rows(name: str, runs: int) -> list[dict[str, Any]]:
    """Measure one checkpoint at batch 1 and 8, every engine in turn."""
    checkpoint = Checkpoint.load(find_model(name), with_weights=True)
    model = RecurrentModel(checkpoint)
    network = Network(checkpoint.config).eval()
    network.load_state_dict(weights_of(checkpoint), strict=False)
    weights = {key: np.asarray(value, np.float32) for key, value in (checkpoint.weights or {}).items()}
    rows = []
    for batch in (1, 8):
        works = {
            "engine (ONNX Runtime, int8)": lambda batch=batch: engine_step(model, batch),
            "torch, single precision": lambda batch=batch: torch_step(network, batch),
        }
        if checkpoint.config.cell == "lstm" and checkpoint.config.layers == 1:
            works["numpy, single precision"] = lambda batch=batch: numpy_step(weights, batch)
        times: dict[str, list[float]] = {key: [] for key in works}
        for _ in range(runs):
            for key, work in works.items():
                times[key] += milliseconds(work, 5)
        for key, found in times.items():
            rows.append({"model": name, "batch": batch, "what": key, "median ms": median(found), "p99 ms": p99(found)})
    return rows


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return float(np.percentile(values, 99))


def context_rows(name: str) -> list[dict[str, Any]]:
    """Type 200 keys after 100 and after 10,000 characters, in turn."""
    found: dict[int, list[float]] = {100: [], 10_000: []}
    for _ in range(3):
        for length, times in found.items():
            times += type_after(Completer.load(name), length)
    short, long = found[100], found[10_000]
    return [
        {
            "model": name,
            "batch": 1,
            "what": "a key after 100 characters",
            "median ms": median(short),
            "p99 ms": p99(short),
        },
        {
            "model": name,
            "batch": 1,
            "what": "a key after 10,000 characters",
            "median ms": median(long),
            "p99 ms": p99(long),
        },
        {
            "model": name,
            "batch": 1,
            "what": "ratio",
            "median ms": median(long) / median(short),
            "p99 ms": p99(long) / p99(short),
        },
    ]


def rounding_rows(name: str, characters: int = 30_000) -> list[dict[str, Any]]:
    """Compare the int8 graphs' nats/char with those of the same weights in single precision."""
    path = PUBLIC_TEXTS / "text/tatoeba_en.dev.txt"
    if not path.exists():
        return []
    text = path.read_text()[:characters]
    checkpoint = Checkpoint.load(find_model(name), with_weights=True)
    weights = {key: np.asarray(value, np.float32) for key, value in (checkpoint.weights or {}).items()}
    exact = replace(
        checkpoint,
        step_graph=step_graph(checkpoint.config, weights, int8=False),
        output_graph=output_graph(checkpoint.config, weights, False, 1.0),
    )
    int8, single = (nats_per_character(RecurrentModel(each), text) for each in (checkpoint, exact))
    return [{"model": name, "nats/char int8": int8, "single precision": single, "int8 costs": int8 / single - 1}]


def type_after(completer: Completer, length: int) -> list[float]:
    """Return the milliseconds of each of 200 keys typed after `length` characters."""
    context = (SENTENCE * (length // len(SENTENCE) + 1))[:length].rsplit(" ", 1)[0]
    completer.complete(context, confident=False)
    times = []
    for key in range(1, 201):
        text = context + " " + (SENTENCE * 3)[:key]
        began = time.perf_counter()
        completer.complete(text, confident=False)
        times.append(1000 * (time.perf_counter() - began))
    return times


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__ or "", model="everyday", runs=40)
    torch.set_num_threads(1)
    show("step", [*step_rows(options.model, options.runs), *context_rows(options.model)], options.json)
    if rows := rounding_rows(options.model):
        show("rounding to int8", rows, options.json)


if __name__ == "__main__":
    main()

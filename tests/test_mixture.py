"""The mixture is the weighted sum of its sources; the gate that is fitted is the one the text asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from checkpoints import tiny_checkpoint
from rnnchat.checkpoint import Checkpoint
from rnnchat.complete import Calibration, Completer
from rnnchat.counts import LiveCounts
from rnnchat.errors import ModelError
from rnnchat.mixture import LENGTHS, UNTUNED, Gate, Mixture, load_mixture, mix
from rnnchat.model import read
from rnnchat.ngram import NO_EVIDENCE, Evidence, dense
from rnnchat.recurrent import RecurrentModel
from rnnchat.remembered import Remembered
from rnnchat.tilted import LEAN, TRUST, Tilted
from rnnchat.train.counts import count_runs
from rnnchat.tune import Author, Claim, Seen, fit_calibration, fit_gate, listen, texts_of, tune

TEXT = "the cat is good. hello, the pizza is good. the cat is hello.\n"


def counted(unit: str = "word") -> Checkpoint:
    checkpoint = tiny_checkpoint(unit=unit)  # type: ignore[arg-type]
    tokens = np.array(checkpoint.vocabulary.encode(TEXT * 20), np.int32)
    return replace(checkpoint, counts=count_runs(tokens, len(checkpoint.vocabulary), 4))


@pytest.mark.parametrize("unit", ["char", "word"])
def test_a_mixture_is_the_weighted_sum(unit: str) -> None:
    checkpoint = counted(unit)
    personal = LiveCounts()
    personal.learn(checkpoint.vocabulary.encode("pizza is the pizza"))
    mixture = mix(RecurrentModel(checkpoint), checkpoint, personal)
    tokens = checkpoint.vocabulary.encode("the cat is good. the c")
    for end in range(len(tokens)):
        state = read(mixture, mixture.start(), tokens[:end])
        network = mixture.network.log_probs(state.network)
        found = [source.predict(own) for source, own in zip(mixture.sources.values(), state.sources, strict=True)]
        evidence = {name: each.evidence for name, each in zip(mixture.sources, found, strict=True)}
        weights = mixture.gate.weights(float(network.max()), evidence, state.spelling)
        assert weights.sum() == pytest.approx(1)
        expected = weights[0] * np.exp(network)
        for weight, source, each in zip(weights[1:], mixture.sources.values(), found, strict=True):
            expected = expected + weight * np.exp(dense(each, source.base, len(network)))
        mixed = np.exp(mixture.log_probs(state))
        assert np.allclose(mixed, expected, atol=1e-4)
        assert mixed.sum() == pytest.approx(1, abs=1e-3)
        assert mixed.min() > 0, "nothing is impossible"
    pair = mixture.batch_log_probs([mixture.start(), state])
    assert np.array_equal(pair[1], mixture.log_probs(state)), "a row does not depend on its batch"


def test_a_source_without_evidence_is_not_listened_to() -> None:
    gate = Gate(0.0, {"counts": (5.0,) * LENGTHS}, {"counts": 0.0}, {"counts": 1.0})
    assert gate.weights(-1.0, {"counts": NO_EVIDENCE})[0] == pytest.approx(1)
    assert gate.weights(-1.0, {"unknown": Evidence(2, 9.0)})[0] == pytest.approx(1)
    assert gate.weights(-1.0, {"counts": Evidence(2, 9.0)})[0] < 0.01
    assert Gate.of(gate.numbers()) == gate


def test_the_gate_is_fitted_to_who_was_right() -> None:
    """One source is right after long contexts and wrong after short ones; the other way round for the other."""
    chance = np.random.default_rng(0)
    length = chance.integers(1, 3, (4_000, 2))
    probability = np.full((4_000, 3), 0.1)
    probability[:, 1] = np.where(length[:, 0] == 2, 0.9, 0.001)
    probability[:, 2] = np.where(length[:, 1] == 1, 0.9, 0.001)
    gate = fit_gate(
        ["one", "other"],
        Seen(np.full(4_000, -1.0), probability, length, np.full((4_000, 2), 3.0), np.zeros(4_000)),
        UNTUNED["word"],
    )
    assert gate.length["one"][2] > gate.length["one"][1] + 2
    assert gate.length["other"][1] > gate.length["other"][2] + 2


def test_tuning_makes_held_out_text_likelier() -> None:
    checkpoint = counted()
    texts = texts_of([[TEXT * 6]], 2_000)
    tuned = tune(checkpoint, [Author(texts[:3], texts[3:])], 200)
    before, after = (
        mix(RecurrentModel(each), each, LiveCounts()) if each is tuned else RecurrentModel(each)
        for each in (checkpoint, tuned)
    )
    tokens = checkpoint.vocabulary.encode(TEXT)

    def nats(model: object) -> float:
        state, total = model.start(), 0.0  # type: ignore[attr-defined]
        for token in tokens:
            total -= float(model.log_probs(state)[token])  # type: ignore[attr-defined]
            state = model.step([state], [token])[0]  # type: ignore[attr-defined]
        return total

    assert nats(after) < 0.5 * nats(before), "the untrained network knows nothing, the counts know the text by heart"
    assert Calibration.of(tuned.config.tuned) != Calibration()


def test_tuning_without_any_text_changes_little() -> None:
    tuned = tune(counted(), [Author([], [])], 100)
    assert Calibration.of(tuned.config.tuned) == Calibration()
    twin = tune(tiny_checkpoint("feedforward", "word"), [Author([], texts_of([["the cat is good"]], 100))], 50)
    assert not Gate.of(twin.config.tuned).often, "a network that sees one token is not mixed with anything"


def test_listening_tells_what_each_source_said() -> None:
    checkpoint = counted()
    mixture = mix(RecurrentModel(checkpoint), checkpoint, LiveCounts())
    seen = listen(mixture, [("the cat", "is good "), ("hello", "")])
    assert seen.probability.shape == (len(mixture.vocabulary.encode("the cat")) + 1, 1 + len(mixture.sources))
    assert (seen.probability >= 0).all()
    assert (seen.probability <= 1.001).all()


def test_calibration_finds_the_line() -> None:
    chance = np.random.default_rng(1)
    claimed = chance.uniform(0.05, 0.95, 20_000)
    odds = np.log(claimed / (1 - claimed))
    letters = chance.integers(0, 4, 20_000)
    true = 1 / (1 + np.exp(-(0.5 * odds - 0.3 - 0.4 * letters)))
    right = chance.uniform(size=20_000) < true
    line = fit_calibration(
        [Claim(float(p), bool(r), False, int(n)) for p, r, n in zip(claimed, right, letters, strict=True)]
    )
    assert line.slope == pytest.approx(0.5, abs=0.06)
    assert line.offset == pytest.approx(-0.3, abs=0.1)
    assert line.letter == pytest.approx(-0.4, abs=0.06)
    twice = Calibration(2.0, 1.0, 0.5, 0.25).after(line)
    assert twice.probability(-1.0, "ab") == pytest.approx(
        Calibration(2.0, 1.0, 0.5, 0.25).probability(float(np.log(line.probability(-1.0, "ab"))), "ab"), abs=1e-6
    )


def test_remembering_changes_no_answer_and_is_bounded() -> None:
    model = RecurrentModel(tiny_checkpoint(unit="word"))
    remembered = Remembered(model, rows=3, steps=5)
    states = [model.start()]
    for token in model.vocabulary.encode(TEXT):
        here = states[-1]
        assert np.array_equal(remembered.log_probs(here), model.log_probs(here))
        once, again = remembered.step([here, here], [token, token])
        assert once is again
        assert remembered.step([here], [token])[0] is once
        assert np.array_equal(once.features, model.step([here], [token])[0].features)
        states.append(once)
    assert len(remembered._rows._values) <= 3
    assert len(remembered._steps._values) <= 5
    rows = remembered.batch_log_probs(states[:4])
    assert np.array_equal(rows, np.stack([model.log_probs(state) for state in states[:4]]))


def test_counts_travel_in_the_checkpoint(tmp_path: Path) -> None:
    folder = tune(counted(), [Author([], texts_of([[TEXT]], 500))], 50).save(tmp_path / "tiny")
    model, _, config = load_mixture(folder, "full")
    assert isinstance(model, Mixture)
    assert "counts" in model.sources
    assert "gate_counts_often" in config.tuned
    # A later save without counts replaces one with them.
    tiny_checkpoint(unit="word").save(folder)
    assert Checkpoint.load(folder).counts is None


def test_damaged_counts_are_one_sentence(tmp_path: Path) -> None:
    folder = counted().save(tmp_path / "tiny")
    path = folder / "counts.safetensors"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ModelError, match=r"counts\.safetensors is damaged"):
        Checkpoint.load(folder)
    path.unlink()
    with pytest.raises(ModelError, match=r"counts\.safetensors is damaged \(it is missing\)"):
        Checkpoint.load(folder)
    wrong = counted()
    assert wrong.counts is not None
    counts = {**wrong.counts, "tokens_2": wrong.counts["tokens_2"] + np.uint16(9_999)}
    folder = replace(wrong, counts=counts).save(tmp_path / "wrong")
    with pytest.raises(ModelError, match="counts of tiny are damaged"):
        Completer.load(folder)


def test_a_model_leans_towards_the_words_of_a_person() -> None:
    checkpoint = tiny_checkpoint(unit="word")
    network, personal = RecurrentModel(checkpoint), LiveCounts()
    vocabulary = network.vocabulary
    cat, pizza = (vocabulary.encode(word)[0] for word in (" cat", " pizza"))
    unigram = np.full(len(vocabulary), 1 / len(vocabulary), np.float32)
    tilted = Tilted(network, personal, unigram)
    before = tilted.log_probs(tilted.start())
    assert np.array_equal(before, network.log_probs(network.start()))
    personal.learn([cat] * 500)
    after = tilted.log_probs(tilted.start())
    assert np.exp(after).sum() == pytest.approx(1, abs=1e-4)
    counts = np.zeros(len(vocabulary))
    counts[cat] = 500
    ratio = (counts + TRUST * unigram) / (500 + TRUST) / unigram
    expected = np.exp(before) * ratio**LEAN
    assert np.allclose(np.exp(after), expected / expected.sum(), atol=1e-5)
    assert after[cat] > before[cat] > before[cat] + after[pizza] - before[pizza]
    personal.forget()
    assert np.array_equal(tilted.log_probs(tilted.start()), before)

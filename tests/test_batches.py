"""Batches: streams go on where they were, and whole documents stay whole."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import numpy as np
import pytest
import torch

from rnnchat.config import Config
from rnnchat.train import network as torch_network
from rnnchat.train.batches import Streams, WholeDocuments, parts
from rnnchat.train.corpus import Tokens
from rnnchat.train.network import Network, full_loss
from rnnchat.vocabulary import BOT, DOCUMENT, USER

FIRST = 300  # tokens from here on are text


def dialogues(count: int, longest: int, seed: int = 0) -> list[list[int]]:
    """Return documents of turns whose tokens are all different, so that each tells where it is from."""
    chance, token, made = random.Random(seed), itertools.count(FIRST), []
    for _ in range(count):
        document = [DOCUMENT]
        while len(document) < chance.randrange(4, longest):
            turn = [next(token) for _ in range(chance.randrange(1, 9))]
            document += [chance.choice([USER, BOT]), *turn]
        made.append(document)
    return made


def row_of(documents: list[list[int]]) -> Tokens:
    return np.array(list(itertools.chain(*documents)), np.int32)


def test_streams_cover_the_text_in_order() -> None:
    tokens = np.arange(1_000, dtype=np.int32)
    streams = Streams(tokens, 4, 16, seed=0)
    batches = [streams.at(index).tokens for index in range(streams.per_epoch)]
    for before, after in itertools.pairwise(batches):
        assert (after[0] == before[-1]).all(), "a stream goes on where it was"
    seen = {int(token) for batch in batches for token in batch.flat}
    assert len(seen) > 0.9 * len(tokens)
    first, second = (streams.at(index) for index in (0, streams.per_epoch))
    assert first.fresh
    assert second.fresh
    assert not (first.tokens == second.tokens).all(), "every epoch is cut elsewhere"


@pytest.mark.parametrize("seed", range(5))
def test_documents_stay_whole_and_none_is_left_out(seed: int) -> None:
    documents = dialogues(300, 60, seed)
    batches = WholeDocuments(row_of(documents), np.ones(len(row_of(documents)), np.float32), 4, 64, seed)
    for epoch in range(2):
        found: Counter[tuple[int, ...]] = Counter()
        for place in range(batches.per_epoch):
            batch = batches.at(epoch * batches.per_epoch + place)
            assert batch.fresh
            assert batch.weights is not None
            for column in range(4):
                tokens = batch.tokens[:, column].tolist()
                begins = [at for at, token in enumerate(tokens) if token == DOCUMENT]
                assert begins[0] == 0
                counted = np.flatnonzero(batch.weights[:, column])
                assert (np.diff(counted) == 1).all(), "what counts is one piece, then comes what fills the row"
                assert tokens[counted[-1] + 1] == DOCUMENT, "the end of the last document is learned"
                for begin, end in itertools.pairwise(begins):
                    if end > begin + 1:
                        found[tuple(tokens[begin:end])] += 1
        wanted = {tuple(document) for document in documents}
        assert set(found) <= wanted
        assert epoch or max(found.values()) == 1, "a later epoch may fill fewer rows, and begins again"
        assert len(found) > 0.95 * len(wanted), "but for the last rows, which fill no batch"


def test_rows_are_full() -> None:
    tokens = row_of(dialogues(2_000, 60))
    batches = WholeDocuments(tokens, np.ones(len(tokens), np.float32), 4, 128, 0)
    assert len(tokens) / (len(batches.rows) * 128) > 0.95


def test_every_epoch_mixes_the_documents_anew_and_a_resumed_training_sees_the_same() -> None:
    tokens = row_of(dialogues(300, 60))
    weights = np.linspace(0.1, 1.0, len(tokens)).astype(np.float32)
    one, other = (WholeDocuments(tokens, weights, 4, 64, 7) for _ in range(2))
    later = one.per_epoch + 3
    for index in (0, 1, later):
        one.at(index)
    jumped = other.at(later)
    assert (one.at(later).tokens == jumped.tokens).all()
    assert (one.at(later).weights == jumped.weights).all()  # type: ignore[union-attr]
    assert not (one.at(3).tokens == jumped.tokens).all()


def test_a_long_document_is_cut_between_two_turns() -> None:
    documents = [*dialogues(3, 20), *dialogues(1, 1_000, seed=3), *dialogues(2, 20, seed=4)]
    tokens = row_of(documents)
    found = parts(tokens, 64)
    assert [begin for begin, _ in found] == [0, *(end for _, end in found[:-1])]
    assert found[-1][1] == len(tokens)
    assert all(0 < end - begin <= 64 for begin, end in found)
    assert all(tokens[begin] in (DOCUMENT, USER, BOT) for begin, _ in found)
    assert parts(np.array([DOCUMENT, *range(FIRST, FIRST + 100)], np.int32), 40) == [(0, 40), (40, 80), (80, 101)]


def test_looking_back_in_stretches_changes_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = Network(Config("a", "char", "lstm", 1, 24, 8, 300, False, ("full",), attention=16))
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    tokens = torch.randint(10, 300, (71, 3))
    tokens[0] = tokens[30, 1] = DOCUMENT
    features, state = network(tokens[:-1], network.start(3))
    weights = torch.rand(70, 3)

    def loss_and_gradient(stretch: int) -> tuple[float, torch.Tensor]:
        monkeypatch.setattr(torch_network, "STRETCH", stretch)
        loss = full_loss(network, features, tokens[1:], state, weights, 0.05)
        (gradient,) = torch.autograd.grad(loss, features, retain_graph=True)
        return loss.item(), gradient

    whole, gradient = loss_and_gradient(1_000)
    for stretch in (16, 33):
        loss, other = loss_and_gradient(stretch)
        assert abs(loss - whole) < 1e-5
        assert torch.allclose(gradient, other, atol=1e-5)


def test_the_pointer_is_told_where_a_run_comes_from_that_is_no_chance() -> None:
    #        0         1  2  3   4   5   6   7    8   9   10  11
    said = [DOCUMENT, 50, 51, 60, 61, 62, 50, 300, 60, 61, 62, 50]
    tokens = torch.tensor(said)[:, None]
    inputs, targets = tokens[:-1], tokens[1:]
    steps = len(inputs)
    weights = torch.full((1, steps, steps), 0.01)
    own = torch.arange(steps)[None, :, None] >= torch.arange(steps)[None, None, :]
    looks = torch_network.Looks(weights * own, inputs.T, torch.zeros(1, steps, 1), torch.zeros(steps, 1, 9), own)
    costly, cheap = torch.full((steps, 1), 3.0), torch.full((steps, 1), 0.5)
    astray = torch_network._astray(looks, targets, costly)[:, 0]
    assert astray[7] == pytest.approx(-np.log(0.01), rel=1e-3), "60 61 62 50 stood at one place before"
    assert astray[1] == 0.0, "51 was never said"
    assert (torch_network._astray(looks, targets, cheap) == 0.0).all(), "the network knows that run by itself"
    there = weights.clone()
    there[0, 7, 3] = 0.9
    looks = torch_network.Looks(there * own, inputs.T, torch.zeros(1, steps, 1), torch.zeros(steps, 1, 9), own)
    assert torch_network._astray(looks, targets, costly)[7, 0] == pytest.approx(-np.log(0.9), rel=1e-3)

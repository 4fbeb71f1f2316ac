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
from rnnchat.train.batches import Streams, WholeDocuments, cut
from rnnchat.train.corpus import Tokens
from rnnchat.train.losses import _astray, full_losses
from rnnchat.train.network import Network
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
@pytest.mark.parametrize("longest", [60, 200])
def test_every_document_is_learned_whole_or_in_parts(seed: int, longest: int) -> None:
    documents = dialogues(300, longest, seed)
    tokens = row_of(documents)
    own = np.random.default_rng(seed).random(len(tokens)).astype(np.float32) + 0.1
    weight_of = dict(zip(tokens.tolist(), own.tolist(), strict=True))
    batches = WholeDocuments(tokens, own, 4, 64, seed)
    lasts = {document[-1] for document in documents}
    for epoch in range(2):
        seen: Counter[int] = Counter()
        for place in range(batches.per_epoch):
            batch = batches.at(epoch * batches.per_epoch + place)
            assert batch.fresh
            assert batch.weights is not None
            for column in range(4):
                row, weights = batch.tokens[:, column].tolist(), batch.weights[:, column].tolist()
                assert row[0] == DOCUMENT
                for before, target, weight in zip(row, row[1:], weights, strict=False):
                    if target == DOCUMENT:
                        assert weight == float(before in lasts), "an end is learned where it is one"
                    elif target >= FIRST:
                        assert weight == pytest.approx(weight_of[target]), "a weight belongs to its token"
                seen.update(token for token in row if token >= FIRST)
                if longest < 64:
                    begins = [at for at, token in enumerate(row) if token == DOCUMENT]
                    found = [row[a:b] for a, b in itertools.pairwise(begins) if b > a + 1]
                    assert all(piece in documents for piece in found), "one that fits is never cut"
        everything = {token for document in documents for token in document if token >= FIRST}
        if epoch == 0:
            assert set(seen) == everything
            assert sum(seen.values()) - len(seen) <= 3 * 64, "but for some to fill the last batch, each is learned once"
        assert len(seen) > 0.97 * len(everything), "a later epoch may fill a row more"


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
    found = cut(tokens, 64)
    assert [token for begin, end in found for token in tokens[begin:end]] == [t for t in tokens if t != DOCUMENT]
    assert all(0 < end - begin < 64 for begin, end in found)
    assert all(tokens[begin] in (USER, BOT) for begin, _ in found)
    assert cut(np.array([DOCUMENT, *range(FIRST, FIRST + 100)], np.int32), 41) == [(1, 41), (41, 81), (81, 101)]
    assert cut(np.array([DOCUMENT, DOCUMENT, FIRST, DOCUMENT], np.int32), 8) == [(2, 3)], "an empty one is none"


def test_few_documents_fill_a_batch() -> None:
    tokens = row_of(dialogues(2, 20))
    batches = WholeDocuments(tokens, np.ones(len(tokens), np.float32), 8, 64, 0)
    assert batches.per_epoch == 1
    assert (batches.at(5).tokens[1] != DOCUMENT).all()


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
        loss, _ = full_losses(network, features, tokens[1:], state, weights, 0.05)
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
    astray = _astray(looks, targets, costly)[:, 0]
    assert astray[7] == pytest.approx(-np.log(0.01), rel=1e-3), "60 61 62 50 stood at one place before"
    assert astray[1] == 0.0, "51 was never said"
    assert (_astray(looks, targets, cheap) == 0.0).all(), "the network knows that run by itself"
    there = weights.clone()
    there[0, 7, 3] = 0.9
    looks = torch_network.Looks(there * own, inputs.T, torch.zeros(1, steps, 1), torch.zeros(steps, 1, 9), own)
    assert _astray(looks, targets, costly)[7, 0] == pytest.approx(-np.log(0.9), rel=1e-3)


def test_a_run_ends_with_its_document() -> None:
    tokens = torch.tensor([DOCUMENT, USER, 50, BOT, 51, DOCUMENT, USER, 50, BOT, 52, 53])[:, None]
    inputs, targets = tokens[:-1], tokens[1:]
    steps = len(inputs)
    document = (inputs.T == DOCUMENT).cumsum(1)
    own = (document[:, :, None] == document[:, None, :]) & torch.ones(1, steps, steps, dtype=torch.bool).tril()
    looks = torch_network.Looks(own / 100, inputs.T, torch.zeros(1, steps, 1), torch.zeros(steps, 1, 9), own)
    astray = _astray(looks, targets, torch.full((steps, 1), 3.0))
    assert (astray == 0.0).all(), "what begins the next document looks like its own beginning, and is none of it"

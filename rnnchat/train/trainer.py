"""The training loop: read top to bottom, `Trainer.steps` is all of it.

It computes on torch's default device: `with torch.device("cuda"):` around all of it is training on a graphics card.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from rnnchat.checkpoint import Checkpoint
from rnnchat.config import Config, Memory
from rnnchat.errors import TrainingError
from rnnchat.train.batches import batches_of
from rnnchat.train.corpus import Corpus, Tokens
from rnnchat.train.counts import LONGEST, MOST_TOKENS, count_runs
from rnnchat.train.device import default_device, on_graphics_card
from rnnchat.train.evaluation import held_out_loss, written
from rnnchat.train.export import export_checkpoint
from rnnchat.train.losses import Lesson, full_loss, sampled_loss
from rnnchat.train.network import Network, NetworkState
from rnnchat.train.recipe import Recipe, learning_rate
from rnnchat.vocabulary import BOT, USER

EVALUATIONS = 12  # how often the held-out loss is taken in one training
PATIENCE = 6  # evaluations in a row without a better held-out loss before training stops
SEEP = 0.05  # of what the gate keeps from a pointer is heard while it learns (losses.full_losses)
AIM = 0.3  # how much it counts that a pointer is astray (losses.full_losses)
EVALUATION_TOKENS = 40_000  # of the held-out text are read each time
EXPORT_SECONDS = 8.0  # kept back of a budget in minutes, for the last evaluation, the export and the tuning
SAMPLED_FROM = 0.95  # from this share of the training on, the whole softmax is computed


@dataclass(frozen=True)
class Progress:
    """One training step; `held_out` and `sample` only where the held-out loss was taken.

    Losses are nats per character; `train` is a running mean.
    """

    step: int
    progress: float
    epoch: float
    train: float
    tokens_per_second: float
    seconds: float
    seconds_left: float
    held_out: float | None = None
    best: float | None = None
    sample: str | None = None


class Trainer:
    """Trains one network on one corpus.

    Args:
        corpus: tokens to learn from and to measure on.
        recipe: see there.
        name: of the checkpoint that comes out.
        parent: the checkpoint to start from, with weights; its vocabulary must be the corpus's.
        began: time.monotonic() when the budget of minutes began to run; now where None.
    """

    def __init__(
        self,
        corpus: Corpus,
        recipe: Recipe,
        name: str,
        parent: Checkpoint | None = None,
        began: float | None = None,
    ) -> None:
        self.corpus, self.recipe, self.began = corpus, recipe, time.monotonic() if began is None else began
        memories: tuple[Memory, ...] = ("none",) if recipe.cell == "feedforward" else ("full", "message")
        self.config = Config(
            name=name, unit=recipe.unit, cell=recipe.cell, layers=recipe.layers, hidden=recipe.hidden,
            embedding=recipe.embedding, vocabulary=len(corpus.vocabulary), tied=recipe.tied, memories=memories,
            parent=parent.config.name if parent else None, attention=recipe.attention,
            tuned={"dialogue": float(np.isin(corpus.train, (USER, BOT)).any())},
        )  # fmt: skip
        torch.manual_seed(recipe.seed)
        self.network = Network(self.config, unigram(corpus.train, len(corpus.vocabulary)), recipe.dropout)
        if parent is not None:
            self.network.load_state_dict(weights_of(parent), strict=False)
        self.parameters: list[Tensor] = list(self.network.parameters())
        self.batches = batches_of(corpus.train, recipe)
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.best_weights = [value.clone() for value in self.average]
        self.best = math.inf
        self.worse = 0
        matrices = [p for p in self.parameters if p.ndim > 1]
        vectors = [p for p in self.parameters if p.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.99), fused=True)
        self.state = self.network.start(recipe.batch)
        self.step = 0
        self.total = math.ceil(recipe.epochs * self.batches.per_epoch)
        self.earlier_seconds = 0.0  # spent by the runs that this one resumes
        self.evaluations = 0
        self.running: float | None = None  # mean training loss, nats per token
        self.half_precision = self.network_gains_from_bfloat16()
        self.lesson = Lesson(self.network, SEEP)
        if recipe.attention and on_graphics_card():
            self.record_lesson()

    @property
    def seconds(self) -> float:
        """Wall time spent so far, that of resumed runs included."""
        return self.earlier_seconds + time.monotonic() - self.began

    @property
    def has_best(self) -> bool:
        """Whether there are weights worth keeping: the held-out loss was taken once."""
        return math.isfinite(self.best)

    @property
    def progress(self) -> float:
        """How much of the training is done, 0 to 1: by the clock where the budget is in minutes, else by steps."""
        if self.recipe.minutes is not None:
            return min(1.0, self.seconds / max(1.0, 60 * self.recipe.minutes - EXPORT_SECONDS))
        return min(1.0, self.step / self.total)

    def steps(self) -> Iterator[Progress]:
        """Train; yield after every step. Stop iterating at any moment and `checkpoint()` gives the best so far.

        Raises:
            TrainingError: the loss is no number any more, or there was no time for a single step.
        """
        self.evaluations = max(self.evaluations, int(self.progress * EVALUATIONS))
        while (progress := self.progress) < 1.0 and self.worse < PATIENCE:
            began = time.monotonic()
            loss = self.learn(progress)
            if not math.isfinite(loss):
                raise self.diverged()
            self.running = loss if self.running is None else 0.98 * self.running + 0.02 * loss
            self.step += 1
            due = self.progress >= min(1.0, (self.evaluations + 1) / EVALUATIONS)
            yield self.report(self.recipe.batch * self.recipe.length / (time.monotonic() - began), due)
        if self.step == 0:
            raise TrainingError("the time was over before the first step; give more --minutes")
        if self.worse < PATIENCE and self.evaluations < EVALUATIONS:
            yield self.report(0.0, due=True)  # the time ran out after a step, and these are the best weights of all

    def diverged(self) -> TrainingError:
        """Return what to say when the loss is no number any more."""
        kept = "the best so far is kept" if self.has_best else "nothing good was learned before that"
        rate = self.recipe.learning_rate / 3
        return TrainingError(f"the loss is no number any more; {kept}, try --learning-rate {rate:.2g}")

    def learn(self, progress: float) -> float:
        """Take one optimiser step and return its loss in nats per token."""
        recipe = self.recipe
        torch.manual_seed(recipe.seed * 1_000_003 + self.step)  # every step's chance depends on its number alone
        batch = self.batches.at(self.step)
        tokens = torch.as_tensor(batch.tokens.astype(np.int64))
        weights = None if batch.weights is None else torch.as_tensor(batch.weights)
        if batch.fresh:
            self.state = self.network.start(recipe.batch)
        keep = (torch.rand(recipe.batch, 1) >= recipe.forget).float()
        state: NetworkState = tuple(part.detach() * keep for part in self.state)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(recipe, progress)
        self.lesson.train()
        self.optimizer.zero_grad(set_to_none=True)
        astray = torch.zeros(())
        with self.precision():
            if weights is not None:
                loss, astray = self.lesson(tokens, weights, *state)
            else:
                features, self.state = self.network(tokens[:-1], state)
                if recipe.sample and progress < SAMPLED_FROM:
                    loss = sampled_loss(self.network, features, tokens[1:], recipe.head, recipe.sample)
                else:
                    loss = full_loss(self.network, features, tokens[1:], self.state)
        (loss + AIM * astray).backward()
        nn.utils.clip_grad_norm_(self.parameters, recipe.clip)
        self.optimizer.step()
        # An average over few steps must not hold on to the untrained weights.
        decay = min(recipe.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.parameters, 1.0 - decay)
        return float(loss.detach())

    def report(self, tokens_per_second: float, due: bool) -> Progress:
        """Return where training stands; take the held-out loss where it is due."""
        corpus = self.corpus
        per_character = len(corpus.train) / max(1, corpus.train_characters)
        held_out = sample = None
        if due:
            self.evaluations = int(self.progress * EVALUATIONS + 1e-9)
            held_out, sample = self.evaluate()
        spent, progress = self.seconds, self.progress
        return Progress(
            step=self.step,
            progress=progress,
            epoch=self.step / self.batches.per_epoch,
            train=(self.running or 0.0) * per_character,
            tokens_per_second=tokens_per_second,
            seconds=spent,
            seconds_left=spent / max(progress, 1e-6) * (1.0 - progress),
            held_out=held_out,
            best=self.best if math.isfinite(self.best) else None,
            sample=sample,
        )

    def evaluate(self) -> tuple[float, str]:
        """Return the averaged weights' loss on the held-out text in nats/char, and a sample; keep the best weights."""
        current = [parameter.detach().clone() for parameter in self.parameters]
        self.set_weights(self.average)
        corpus = self.corpus
        self.network.eval()
        with self.precision():
            loss = held_out_loss(self.network, corpus.held_out[:EVALUATION_TOKENS])
        loss *= len(corpus.held_out) / max(1, corpus.held_out_characters)
        sample = written(self.network, corpus.vocabulary)
        self.set_weights(current)
        if math.isfinite(loss) and loss < self.best:
            self.best, self.worse = loss, 0
            self.best_weights = [value.clone() for value in self.average]
        else:
            self.worse += 1
        return loss, sample

    def set_weights(self, values: list[Tensor]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self.parameters, values, strict=True):
                parameter.copy_(value)

    def checkpoint(self, card: str = "") -> Checkpoint:
        """Return the best weights so far, exported for inference, and the counts of the text.

        Raises:
            TrainingError: there are none, because the held-out loss was never a number.
        """
        if self.step and not self.has_best:
            self.evaluate()
            if not self.has_best:
                raise self.diverged()
        current = [parameter.detach().clone() for parameter in self.parameters]
        self.set_weights(self.best_weights)
        made = export_checkpoint(self.network, self.corpus.vocabulary, self.corpus.train[:20_000], card)
        self.set_weights(current)
        if self.config.cell == "feedforward":
            return made  # it is there to show what a network that sees one token can do alone
        unit = self.config.unit
        text = self.corpus.train[: MOST_TOKENS[unit]]
        return replace(made, counts=count_runs(text, self.config.vocabulary, LONGEST[unit]))

    def record_lesson(self) -> None:
        """Record what a graphics card does in a lesson and its gradients, to be played back in every training step.

        Started one by one, its ten thousand small steps take the processor twice as long as the card or more.
        """
        rows = torch.zeros(self.recipe.length + 1, self.recipe.batch, dtype=torch.long)
        self.lesson.train()
        state = self.network.start(self.recipe.batch)
        example = (rows, torch.ones(rows[1:].shape), *state)
        self.lesson = cast(Lesson, torch.cuda.make_graphed_callables(self.lesson, example))

    def precision(self, half: bool | None = None) -> torch.autocast:
        """Return the context in which the network computes: products in half precision, or all in single."""
        enabled = self.half_precision if half is None else half
        return torch.autocast(default_device().type, torch.bfloat16, enabled=enabled)

    def network_gains_from_bfloat16(self) -> bool:
        """Time a few batches in both precisions; small networks never gain, some processors cannot do it at all.

        The shortest of several times counts: what else the machine does at the moment must not decide.
        """
        if self.recipe.hidden < 256:
            return False
        if on_graphics_card():
            return False  # there cuDNN would compute the LSTM in float16, whose gradients come to nothing
        seconds = {False: math.inf, True: math.inf}
        length = min(16, self.recipe.length)
        tokens = torch.zeros(length, self.recipe.batch, dtype=torch.long)
        for half in (False, True) * 5:
            began = time.perf_counter()
            try:
                with self.precision(half):
                    features, _ = self.network(tokens, self.network.start(self.recipe.batch))
                features.float().sum().backward()
            except RuntimeError:
                return False
            seconds[half] = min(seconds[half], time.perf_counter() - began)
        self.optimizer.zero_grad(set_to_none=True)
        return seconds[True] < 0.9 * seconds[False]


def unigram(tokens: Tokens, size: int) -> Tensor:
    """Return (V,) log-probabilities of the tokens by themselves, with half a count for those not seen."""
    counts = np.bincount(tokens, minlength=size).astype(np.float64) + 0.5
    return torch.as_tensor(np.log(counts / counts.sum())).float()


def weights_of(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """Return a loaded checkpoint's weights as torch tensors in single precision."""
    weights = cast(dict[str, np.ndarray], checkpoint.weights or {})
    return {name: torch.as_tensor(np.asarray(weights[name], np.float32)) for name in weights}

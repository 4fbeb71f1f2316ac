"""Several drafts of a reply, and which of them to say.

A network likes best what fits anything. So of several drafts the one is said that its context made likelier the most:
log p(reply | context) - BLAND * log p(reply | no context), after Li 2016, "A diversity-promoting objective function".
A first draft that the network is sure of, such as a name asked back, is said as it is; so most replies cost one draft.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Generic

import numpy as np

from rnnchat.decode import Random, draw
from rnnchat.model import LanguageModel, State
from rnnchat.vocabulary import FIRST_BYTE, FIRST_TOKEN, SPECIALS

SURE = -0.25  # nats a character: a draft likelier than this needs no rival
CERTAIN = math.log(0.25)  # nats: one as likely as this is said though it was said before, as "Who's there?" must be
RIVALS = 2
BLAND = 0.5
PER_TOKEN = 0.02  # nats a token: a bonus, or the shortest would win


@dataclass
class Draft(Generic[State]):
    """A reply: its tokens without the one that ends it, the state after each, and its log-probability."""

    tokens: list[int] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    log_prob: float = 0.0


@dataclass(frozen=True)
class Style:
    """How drafts are drawn: see decode.sample."""

    temperature: float
    top_p: float
    stop: Collection[int]
    limit: int


def write(model: LanguageModel[State], state: State, randoms: Sequence[Random], style: Style) -> list[Draft[State]]:
    """Return a draft for each of `randoms`, all written side by side."""
    drafts: list[Draft[State]] = [Draft() for _ in randoms]
    unfinished = [(draft, state, random) for draft, random in zip(drafts, randoms, strict=True)]
    unsaid = [special for special in range(len(SPECIALS)) if special not in style.stop]
    for _ in range(style.limit):
        rows = model.batch_log_probs([state for _, state, _ in unfinished]).astype(np.float64)
        rows[:, FIRST_BYTE:FIRST_TOKEN] = -np.inf  # bytes of unknown characters say nothing by themselves
        rows[:, unsaid] = -np.inf
        grown = []
        for (draft, state, random), row in zip(unfinished, rows, strict=True):
            token = draw(row, random, style.temperature, style.top_p)
            draft.log_prob += float(row[token])
            if token not in style.stop:
                draft.tokens.append(token)
                grown.append((draft, state, random))
        if not grown:
            break
        states = model.step([state for _, state, _ in grown], [draft.tokens[-1] for draft, _, _ in grown])
        unfinished = [(draft, state, random) for (draft, _, random), state in zip(grown, states, strict=True)]
        for draft, state, _ in unfinished:
            draft.states.append(state)
    return drafts


def blandness(model: LanguageModel[State], plain: State, drafts: Sequence[Draft[State]]) -> list[float]:
    """Return the log-probability of each draft's tokens after `plain`, the state of a talk with nothing in it."""
    totals = [0.0] * len(drafts)
    states = [plain] * len(drafts)
    for place in range(max(len(draft.tokens) for draft in drafts)):
        going = [row for row, draft in enumerate(drafts) if place < len(draft.tokens)]
        rows = model.batch_log_probs([states[row] for row in going])
        tokens = [drafts[row].tokens[place] for row in going]
        for row, token, values in zip(going, tokens, rows, strict=True):
            totals[row] += float(values[token])
        for row, state in zip(going, model.step([states[row] for row in going], tokens), strict=True):
            states[row] = state
    return totals


def choose(
    model: LanguageModel[State], state: State, plain: State, random: Random, style: Style, said: Collection[str]
) -> Draft[State]:
    """Return the draft to say.

    Args:
        plain: the state of a talk with nothing in it.
        said: what was said in this talk already; not said again if there is anything else to say.
    """
    first, *rivals = random.spawn(1 + RIVALS)
    drafts = write(model, state, [first], style)
    text = model.vocabulary.decode(drafts[0].tokens).strip()
    sure = text and text not in said and drafts[0].log_prob > SURE * len(text)
    if style.temperature <= 0 or sure or drafts[0].log_prob > CERTAIN:
        return drafts[0]
    drafts += write(model, state, rivals, style)
    texts = [model.vocabulary.decode(draft.tokens).strip() for draft in drafts]
    fresh = [draft for draft, text in zip(drafts, texts, strict=True) if text and text not in said] or drafts
    worth = [
        draft.log_prob - BLAND * bland + PER_TOKEN * len(draft.tokens)
        for draft, bland in zip(fresh, blandness(model, plain, fresh), strict=True)
    ]
    return fresh[int(np.argmax(worth))]

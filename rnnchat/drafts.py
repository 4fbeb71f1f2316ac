"""Several drafts of a reply, and which of them to say.

A network likes best what fits anything. So of several drafts the one is said that its context made likelier the most:
log p(reply | context) - BLAND * log p(reply | no context), after Li 2016, "A diversity-promoting objective function".
A first draft that the network is sure of, such as a name asked back, is said as it is; so most replies cost one draft.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic

import numpy as np
import numpy.typing as npt

from rnnchat.decode import Random, draw
from rnnchat.model import LanguageModel, State
from rnnchat.vocabulary import FIRST_BYTE, FIRST_TOKEN, REPLACEMENT, SPECIALS

SURE = -0.25  # nats a character: a draft likelier than this needs no rival
CERTAIN = math.log(0.25)  # nats: one as likely as this is said though it was said before, as "Who's there?" must be
COPIED = math.log(0.5)  # nats: a byte of a character outside the vocabulary is said only where it surely comes next
CIRCLES, CIRCLE, CIRCLING = 4, 24, 32  # times that as many tokens at most come again, and tokens that takes at least
RIVALS = 2
ROUNDS = 2  # of rivals, where all that was written so far was said before
BLAND = 0.2
PER_TOKEN = 0.02  # nats a token: a bonus, or the shortest would win
WITHIN = 0.3  # of the temperature where a word has begun: what varies is which word, not how it is spelled
LEAST_LIMIT = 16  # tokens by which a rival may be longer than the first draft


@dataclass
class Draft(Generic[State]):
    """A reply.

    Attributes:
        tokens: without the one that ends it.
        states: the state after each token.
        log_prob: of the tokens and the end, in their context.
        bland: log-probability of the tokens in a talk with nothing in it, once that was asked for.
        ended: whether it came to its end within the limit.
    """

    tokens: list[int] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    log_prob: float = 0.0
    bland: float = 0.0
    ended: bool = False


@dataclass(frozen=True)
class Style:
    """How drafts are drawn: see decode.sample."""

    temperature: float
    top_p: float
    stop: Collection[int]
    limit: int


def write(
    model: LanguageModel[State],
    state: State,
    randoms: Sequence[Random],
    style: Style,
    plain: State | None = None,
    earlier: Sequence[Draft[State]] = (),
) -> list[Draft[State]]:
    """Return a draft for each of `randoms`, all written side by side.

    Args:
        plain: the state of a talk with nothing in it: where given, `bland` of each draft is found on the way.
        earlier: drafts written before whose `bland` is still to be found.
    """
    drafts: list[Draft[State]] = [Draft() for _ in randoms]
    writing = [(draft, state, random) for draft, random in zip(drafts, randoms, strict=True)]
    weighing = [] if plain is None else [(draft, plain) for draft in (*earlier, *drafts)]
    for place in range(max([style.limit, *(len(draft.tokens) for draft in earlier)])):
        if place == style.limit:
            writing = []
        reading = [state for _, state, _ in writing] + [state for _, state in weighing]
        if not reading:
            break
        rows = model.batch_log_probs(reading)
        plain_rows = rows[len(writing) :]
        grown = [
            (draft, state, random)
            for (draft, state, random), row in zip(writing, rows.astype(np.float64), strict=False)
            if _goes_on(model, draft, row, random, style)
        ]
        # A draft that was over before this place needs its plain state no more.
        weighed = [(draft, state, row) for (draft, state), row in zip(weighing, plain_rows, strict=True)]
        weighed = [each for each in weighed if place < len(each[0].tokens)]
        for draft, _, row in weighed:
            draft.bland += float(row[draft.tokens[place]])
        weighing = [(draft, state) for draft, state, _ in weighed]
        going = [(draft, state) for draft, state, _ in grown] + weighing
        if not going:
            break
        states = model.step([state for _, state in going], [draft.tokens[place] for draft, _ in going])
        writing = [(draft, state, random) for (draft, _, random), state in zip(grown, states, strict=False)]
        weighing = [(draft, state) for (draft, _), state in zip(weighing, states[len(grown) :], strict=True)]
        for draft, state, _ in writing:
            draft.states.append(state)
        # What goes round in circles would do so up to the limit, and somebody waits.
        writing = [each for each in writing if not goes_round(each[0].tokens)]
    return drafts


def _goes_on(
    model: LanguageModel[State], draft: Draft[State], row: npt.NDArray[np.float64], random: Random, style: Style
) -> bool:
    """Draw the next token of a draft from log-probabilities (V,), which are used up; tell whether it goes on."""
    row[[special for special in range(len(SPECIALS)) if special not in style.stop]] = -np.inf
    unknown = row[FIRST_BYTE:FIRST_TOKEN]
    unknown[unknown < COPIED] = -np.inf
    temperature = style.temperature * (WITHIN if _is_within_word(model, draft.tokens) else 1.0)
    token = draw(row, random, temperature, style.top_p)
    draft.log_prob += float(row[token])
    draft.ended = token in style.stop
    if not draft.ended:
        draft.tokens.append(token)
    return not draft.ended


def _is_within_word(model: LanguageModel[State], tokens: Sequence[int]) -> bool:
    """Tell whether the last of `tokens` is a letter of a word that may go on; tokens that are words are over."""
    return bool(tokens) and model.vocabulary.unit == "char" and model.vocabulary.token_text(tokens[-1]).isalpha()


def goes_round(tokens: Sequence[int]) -> bool:
    """Tell whether what was said last is the same again and again, for longer than a name such as "lalalala" is."""
    for period in range(2, CIRCLE + 1):
        span = max(CIRCLES * period, CIRCLING)
        if len(tokens) >= span and tokens[-span:-period] == tokens[period - span :]:
            return True
    return False


def choose(
    model: LanguageModel[State], state: State, plain: State, random: Random, style: Style, said: Collection[str]
) -> Draft[State]:
    """Return the draft to say.

    Args:
        plain: the state of a talk with nothing in it.
        said: what was said in this talk already; not said again if there is anything else to say. Nor is what goes
            round in circles, or has bytes that are no character: a copy of letters outside the vocabulary gone wrong.
    """

    def is_whole(draft: Draft[State]) -> bool:
        text = model.vocabulary.decode(draft.tokens).strip()
        return bool(text) and REPLACEMENT not in text and not goes_round(draft.tokens)

    def is_fresh(draft: Draft[State]) -> bool:
        return is_whole(draft) and model.vocabulary.decode(draft.tokens).strip() not in said

    first_random, *rivals = random.spawn(1 + RIVALS * ROUNDS)
    first = write(model, state, [first_random], style)[0]
    sure = is_fresh(first) and first.log_prob > SURE * len(model.vocabulary.decode(first.tokens))
    if style.temperature <= 0 or sure or (is_whole(first) and first.log_prob > CERTAIN):
        return first
    # A rival that runs on is given up: nobody should wait for what is hardly said.
    limit = min(style.limit, LEAST_LIMIT + len(first.tokens))
    drafts, earlier, fresh = [first], [first], list[Draft[State]]()
    while rivals and not fresh:
        now, rivals = rivals[:RIVALS], rivals[RIVALS:]
        others = write(model, state, now, replace(style, limit=limit), plain, earlier)
        drafts += [draft for draft in others if draft.ended]
        fresh, earlier = [draft for draft in drafts if is_fresh(draft)], []
    return max(fresh or drafts, key=lambda draft: draft.log_prob - BLAND * draft.bland + PER_TOKEN * len(draft.tokens))

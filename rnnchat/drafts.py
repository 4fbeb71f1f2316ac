"""Several drafts of a reply, and which of them to say.

A network likes best what fits anything. So of several drafts the one is said that its context made likelier the most:
log p(reply | context) - BLAND * log p(reply | no context), after Li 2016, "A diversity-promoting objective function".
A first draft that the network is sure of, such as a name asked back, is said as it is; so most replies cost one draft.
The rivals of another are begun as soon as it can hardly become sure, which changes when they come, not what they are.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Generic

import numpy as np
import numpy.typing as npt

from rnnchat.decode import Random, draw
from rnnchat.model import LanguageModel, State
from rnnchat.vocabulary import FIRST_BYTE, FIRST_TOKEN, REPLACEMENT, SPECIALS

SURE = -0.25  # nats a character: a draft likelier than this needs no rival
LIKELY_LENGTH = 30  # characters of a reply: a draft that is too unlikely for one so long gets its rivals at once
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

    @cached_property
    def never(self) -> list[int]:
        """Return the special tokens that are no part of a reply and do not end it."""
        return [special for special in range(len(SPECIALS)) if special not in self.stop]


class Desk(Generic[State]):
    """Drafts on the way, all written side by side: each advance is one step of the model for all of them.

    Attributes:
        limit: tokens at which a draft that has not come to its end is given up.
    """

    def __init__(self, model: LanguageModel[State], style: Style) -> None:
        self.model, self.style, self.limit = model, style, style.limit
        self._writing: list[tuple[Draft[State], State, Random]] = []
        self._weighing: list[tuple[Draft[State], State, int]] = []  # and how many of its tokens are weighed

    def begin(self, state: State, randoms: Sequence[Random]) -> list[Draft[State]]:
        """Return drafts, one for each of `randoms`, that are written from now on."""
        drafts: list[Draft[State]] = [Draft() for _ in randoms]
        self._writing += [(draft, state, random) for draft, random in zip(drafts, randoms, strict=True)]
        return drafts

    def weigh(self, drafts: Iterable[Draft[State]], plain: State) -> None:
        """Find `bland` of drafts from now on; `plain` is the state of a talk with nothing in it."""
        self._weighing += [(draft, plain, 0) for draft in drafts]

    def is_writing(self, draft: Draft[State]) -> bool:
        """Tell whether a draft may still grow."""
        return any(each is draft for each, _, _ in self._writing)

    def advance(self) -> bool:
        """Add a token to each draft, and weigh one of each; tell whether something is left to do."""
        reading = [state for _, state, _ in self._writing] + [state for _, state, _ in self._weighing]
        if not reading:
            return False
        rows = self.model.batch_log_probs(reading)
        grown = [
            (draft, state, random)
            for (draft, state, random), row in zip(self._writing, rows.astype(np.float64), strict=False)
            if _goes_on(self.model, draft, row, random, self.style)
        ]
        weighed = []
        for (draft, state, place), row in zip(self._weighing, rows[len(self._writing) :], strict=True):
            if place < len(draft.tokens):  # else it was over before this place
                draft.bland += float(row[draft.tokens[place]])
                weighed.append((draft, state, place))
        read = [draft.tokens[-1] for draft, _, _ in grown] + [draft.tokens[place] for draft, _, place in weighed]
        states = self.model.step([each[1] for each in (*grown, *weighed)], read) if read else []
        for (draft, _, _), state in zip(grown, states, strict=False):
            draft.states.append(state)
        # What goes round in circles would do so up to the limit, and somebody waits.
        self._writing = [
            (draft, draft.states[-1], random)
            for draft, _, random in grown
            if len(draft.tokens) < self.limit and not goes_round(draft.tokens)
        ]
        self._weighing = [
            (draft, state, place + 1)
            for (draft, _, place), state in zip(weighed, states[len(grown) :], strict=True)
            if place + 1 < len(draft.tokens) or self.is_writing(draft)
        ]
        return bool(self._writing or self._weighing)


def write(
    model: LanguageModel[State],
    state: State,
    randoms: Sequence[Random],
    style: Style,
    plain: State | None = None,
) -> list[Draft[State]]:
    """Return a draft for each of `randoms`, all written side by side.

    Args:
        plain: the state of a talk with nothing in it: where given, `bland` of each draft is found on the way.
    """
    desk = Desk(model, style)
    drafts = desk.begin(state, randoms)
    if plain is not None:
        desk.weigh(drafts, plain)
    while desk.advance():
        pass
    return drafts


def _goes_on(
    model: LanguageModel[State], draft: Draft[State], row: npt.NDArray[np.float64], random: Random, style: Style
) -> bool:
    """Draw the next token of a draft from log-probabilities (V,), which are used up; tell whether it goes on."""
    row[style.never] = -np.inf
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
    """Tell whether the last of `tokens` is a letter of a word that may go on; tokens that are words are over.

    Among words one that is spelled begins with the space before it as a token of its own, or with a reply.
    """
    if not tokens:
        return False
    text = model.vocabulary.token_text(tokens[-1])
    if model.vocabulary.unit == "char":
        return text.isalpha()
    return text == " " or (len(text) == 1 and text.isalpha() and len(tokens) > 1)


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

    def is_doubtful(draft: Draft[State]) -> bool:
        return draft.log_prob < SURE * max(LIKELY_LENGTH, len(model.vocabulary.decode(draft.tokens)))

    first_random, *rivals = random.spawn(1 + RIVALS * ROUNDS)
    now, rivals = rivals[:RIVALS], rivals[RIVALS:]
    desk = Desk(model, style)
    (first,), others = desk.begin(state, [first_random]), list[Draft[State]]()
    is_going, is_over = True, False
    while is_going:
        is_going = desk.advance()
        if not is_over and not desk.is_writing(first):
            is_over = True
            sure = is_fresh(first) and first.log_prob > SURE * len(model.vocabulary.decode(first.tokens))
            if style.temperature <= 0 or sure or (is_whole(first) and first.log_prob > CERTAIN):
                return first
            # A rival that runs on is given up: nobody should wait for what is hardly said.
            desk.limit = min(style.limit, LEAST_LIMIT + len(first.tokens))
        if not others and (is_over or (style.temperature > 0 and is_doubtful(first))):
            others, is_going = desk.begin(state, now), True
            desk.weigh([first, *others], plain)
    drafts = [first, *(draft for draft in others if draft.ended)]
    fresh = [draft for draft in drafts if is_fresh(draft)]
    while rivals and not fresh:
        now, rivals = rivals[:RIVALS], rivals[RIVALS:]
        drafts += [draft for draft in write(model, state, now, replace(style, limit=desk.limit), plain) if draft.ended]
        fresh = [draft for draft in drafts if is_fresh(draft)]
    return max(fresh or drafts, key=lambda draft: draft.log_prob - BLAND * draft.bland + PER_TOKEN * len(draft.tokens))

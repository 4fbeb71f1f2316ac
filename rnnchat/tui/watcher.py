"""What the attention head of the network that answers looks at, while a conversation goes on or a text is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnchat.config import Memory
from rnnchat.model import Array
from rnnchat.pointer import Looks, Pointer
from rnnchat.recurrent import RecurrentModel
from rnnchat.text import Turn, clean_text
from rnnchat.tui.events import Looked
from rnnchat.vocabulary import BOT, DOCUMENT, USER, Vocabulary

BLOCK = 600  # characters; one to two blocks of what was said are read, and the end of a draft
LONGEST = 2 * BLOCK  # characters of one turn
STEPS = 16  # tokens read between two looks for something more urgent
SIGNS = {USER: "›", BOT: "↵", DOCUMENT: ""}


class Watcher:
    """Reads along beside the conversation, and keeps no more than two states, so that it costs little memory.

    Args:
        model: the network that answers.
        pointer: its attention head.
        memory: "message" reads the last message alone.
        roles: whether it was trained on dialogues; without, a turn is a line to it.
    """

    def __init__(self, model: RecurrentModel, pointer: Pointer, memory: Memory, roles: bool = True) -> None:
        self._model, self._pointer, self._memory = model, pointer, memory
        line = model.vocabulary.encode("\n")
        self._openings = {"user": [USER], "bot": [BOT]} if roles else {"user": line, "bot": line}
        self._said: list[int] = []  # what was read before the draft
        self._copied: Array = np.zeros(0, np.float32)  # from each of those by the last reply
        self._shares: list[float] = []  # for each token of the last reply, how much of it was copied
        self._is_whole = True  # all of that was read, and not given up on the way
        self._drafted: list[int] = []
        self._after_said = self._after_draft = model.start()

    def watch(self, turns: Sequence[Turn], draft: str) -> Iterator[Looked | None]:
        """Yield where the head looks: before the next letter of a draft, or where the last reply came from.

        Args:
            turns: what was said.
            draft: what is being written; "" to see the last reply.
        """
        if self._memory == "message":
            turns = [] if draft else turns[-2:]
        turns = turns[_first(turns) :]
        yield from self._read_said(turns)
        if draft:
            yield from self._read_draft([*self._openings["user"], *self._encode(draft.lstrip()[-LONGEST:])])
            yield self._told([*self._said, *self._drafted], self._pointer.look(self._after_draft), False)
        elif self._shares:
            yield self._told(self._said, Looks(self._copied, float(np.mean(self._shares))), True)

    def watch_text(self, text: str) -> Iterator[Looked | None]:
        """Yield where the head looks before the next letter of a text in which nobody speaks."""
        if self._said:
            self._start_anew()
        yield from self._read_draft(self._encode(text[max(0, len(text) // BLOCK - 1) * BLOCK :]))
        if self._drafted:
            yield self._told(self._drafted, self._pointer.look(self._after_draft), False)

    def _read_said(self, turns: Sequence[Turn]) -> Iterator[None]:
        """Read what was said; of the last reply remember where it was copied from."""
        replied = bool(turns) and turns[-1].role == "bot"
        opening = [self._tokens(turn) for turn in (turns[:-1] if replied else turns)]
        before = [token for tokens in opening for token in tokens]
        reply = self._tokens(turns[-1]) if replied else []
        tokens = [*before, *reply]
        if tokens == self._said and self._is_whole:
            return
        self._is_whole = False
        # A reply of which a part was read when something more urgent came is read anew, to know all it was copied from.
        if tokens[: len(self._said)] != self._said or len(self._said) > len(before):
            self._start_anew()
        copied, shares = np.zeros(len(tokens), np.float32), []
        for place in range(len(self._said), len(tokens)):
            if reply and place > len(before):
                looks = self._pointer.look(self._after_said)
                seen = min(place, len(looks.weights))  # without <document>, and what is too long ago
                copied[place - seen : place] += looks.copies * looks.weights[len(looks.weights) - seen :]
                shares.append(looks.copies)
            self._after_said = self._model.step([self._after_said], [tokens[place]])[0]
            self._said.append(tokens[place])
            if place % STEPS == 0:
                self._shares, self._drafted = [], []
                yield None
        self._copied, self._shares, self._drafted, self._is_whole = copied, shares, [], True
        self._after_draft = self._after_said

    def _read_draft(self, tokens: list[int]) -> Iterator[None]:
        """Read a draft; what was changed within it is read anew from its beginning."""
        if tokens[: len(self._drafted)] != self._drafted:
            self._drafted, self._after_draft = [], self._after_said
        for token in tokens[len(self._drafted) :]:
            self._after_draft = self._model.step([self._after_draft], [token])[0]
            self._drafted.append(token)
            if len(self._drafted) % STEPS == 0:
                yield None

    def _start_anew(self) -> None:
        self._said, self._drafted, self._shares = [], [], []
        self._after_said = self._after_draft = self._model.start()

    def _tokens(self, turn: Turn) -> list[int]:
        return [*self._openings[turn.role], *self._encode(turn.text.strip()[-LONGEST:])]

    def _encode(self, text: str) -> list[int]:
        return self._model.vocabulary.encode(clean_text(text))

    def _told(self, tokens: Sequence[int], looks: Looks, reply: bool) -> Looked:
        weights = looks.weights[max(0, len(looks.weights) - len(tokens)) :]
        weights = np.concatenate([np.zeros(len(tokens) - len(weights), np.float32), weights])
        text, spread = letters(self._model.vocabulary, tokens, weights)
        return Looked(self._model.config.name, text, spread, looks.copies, reply)


def letters(vocabulary: Vocabulary, tokens: Sequence[int], weights: Array) -> tuple[str, tuple[float, ...]]:
    """Return the text of tokens, a sign where a turn begins, and for each character its share of its token's weight."""
    text, spread, waiting, weight = "", [], [], 0.0
    for token, value in [*zip(tokens, weights.tolist(), strict=True), (DOCUMENT, 0.0)]:
        piece = SIGNS.get(token, vocabulary.token_text(token))
        if not piece and token not in SIGNS:  # a byte of a character that the vocabulary does not hold
            waiting.append(token)
            weight += value
            continue
        if waiting:
            unknown = vocabulary.decode(waiting)
            text += unknown
            spread += [weight / max(1, len(unknown))] * len(unknown)
            waiting, weight = [], 0.0
        text += piece
        spread += [value / max(1, len(piece))] * len(piece)
    return text, tuple(spread)


def _first(turns: Sequence[Turn]) -> int:
    """Return the turn to begin with; it moves in leaps, so that what was read stays of use."""
    characters = sum(len(turn.text) + 1 for turn in turns)
    leap, passed = max(0, characters // BLOCK - 1) * BLOCK, 0
    for place, turn in enumerate(turns):
        if passed >= leap and turn.role == "user":
            return place
        passed += len(turn.text) + 1
    return max(0, len(turns) - 2)

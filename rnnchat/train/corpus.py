"""From documents to one long row of tokens; batches.py goes on from there.

documents   [the cat sat] [hello / hi there] ...          shuffled by seed, a share held out
tokens      <document> the cat sat <document> <user> hello <bot> hi there <document> ...
"""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rnnchat.errors import TextError
from rnnchat.files import shown
from rnnchat.text import Document, Skipped, is_held_out, read_documents, text_files
from rnnchat.vocabulary import BOT, DOCUMENT, TURN_MARKS, USER, Unit, Vocabulary, pieces

Tokens = npt.NDArray[np.int32]

# A text larger than this is sampled, so that memory stays bounded whatever the file.
MAX_CHARACTERS = 100_000_000
HELD_OUT_SHARE = 0.05
HELD_OUT_CHARACTERS = 200_000
MIN_CHARACTERS = 200
MOST_NOTES = 10  # a folder may hold thousands of files that are no text


@dataclass(frozen=True)
class Corpus:
    """What is learned from and what is measured on.

    Attributes:
        train, held_out: token ids; documents begin with <document>.
        train_characters, held_out_characters: how many characters those tokens stand for, to report nats/char.
        notes: what was passed over or sampled, in sentences.
    """

    vocabulary: Vocabulary
    train: Tokens
    held_out: Tokens
    train_characters: int
    held_out_characters: int
    notes: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """A hash of everything that is trained on, so that a resumed run can tell that its text has changed."""
        digest = hashlib.sha256(repr(self.vocabulary.tokens).encode())
        digest.update(self.train.data)
        digest.update(self.held_out.data)
        return digest.hexdigest()


def gather(paths: Sequence[str | Path], seed: int, limit: int = MAX_CHARACTERS) -> tuple[list[Document], list[str]]:
    """Read the documents of `paths`, at most about `limit` characters spread over all of them.

    Raises:
        TextError: nothing to learn from.
    """
    skipped: list[Skipped] = []
    total = sum(os.path.getsize(file) for file in text_files(paths) if os.path.isfile(file))
    documents = list(_spread(read_documents(paths, skipped), limit / max(total, 1), seed))
    notes = [note.reason for note in skipped[:MOST_NOTES]]
    if len(skipped) > MOST_NOTES:
        notes.append(f"{len(skipped) - MOST_NOTES:,} more files were passed over or read in another way")
    characters = sum(document.characters for document in documents)
    if total > limit:
        notes.append(f"read a sample of {characters:,} characters, spread over all {total:,} bytes")
    if characters < MIN_CHARACTERS:
        names = ", ".join(map(shown, paths))
        raise TextError(
            f"{names:.500} holds {characters} characters; training needs at least {MIN_CHARACTERS}, add more text"
        )
    return documents, notes


def _spread(documents: Iterable[Document], share: float, seed: int) -> Iterator[Document]:
    chance = random.Random(seed)
    return (document for document in documents if share >= 1 or chance.random() < share)


def build_corpus(
    documents: Sequence[Document], unit: Unit, size: int, seed: int, vocabulary: Vocabulary | None = None
) -> Corpus:
    """Divide documents into training and held-out, count a vocabulary unless one is given, and encode.

    Args:
        size: the most ids the vocabulary may have.
        vocabulary: that of the checkpoint to start from.
    """
    shuffled = list(documents)
    random.Random(seed).shuffle(shuffled)
    train, held_out = _divide(shuffled, seed)
    if vocabulary is None:
        vocabulary = count_vocabulary(train, unit, size)
    notes = []
    if sum(d.characters for d in train) < 20_000:
        notes.append("this is little text: the model will mostly repeat it; a few hundred kilobytes work better")
    texts = {turn.text for document in train for turn in document.turns if turn.text}
    if len(texts) == 1 and len(train) > 1:
        notes.append("all documents are the same; there is little to learn")
    if all(text == text[0] * len(text) for text in texts) and len({text[0] for text in texts}) == 1:
        notes.append("the text is one character over and over; there is little to learn")
    return Corpus(
        vocabulary,
        encode_documents(train, vocabulary),
        encode_documents(held_out, vocabulary),
        sum(map(_length, train)),
        sum(map(_length, held_out)),
        notes,
    )


def _divide(documents: list[Document], seed: int) -> tuple[list[Document], list[Document]]:
    """Hold out some documents, or the end of the only one."""
    aside = [document for document in documents if is_held_out(document, HELD_OUT_SHARE, seed)]
    train = [document for document in documents if not is_held_out(document, HELD_OUT_SHARE, seed)]
    if aside and sum(map(_length, train)) >= 8 * sum(map(_length, aside)):
        limit, kept = HELD_OUT_CHARACTERS, []
        for document in aside:
            if limit > 0:
                kept.append(document)
                limit -= _length(document)
            else:
                train.append(document)
        return train, kept
    if len(documents) >= 20:
        return documents[1:], documents[:1]
    *rest, last = documents
    *turns, final = last.turns
    cut = max(1, int(len(final.text) * 0.9))
    head = Document((*turns, type(final)(final.role, final.text[:cut])), last.source)
    tail = Document((type(final)(final.role, final.text[cut:] or final.text[-1:]),), last.source)
    return [*rest, head], [tail]


def _length(document: Document) -> int:
    """Characters as a reader would count them: a turn's end counts as a line's."""
    return document.characters + len(document.turns) - 1


def count_vocabulary(documents: Iterable[Document], unit: Unit, size: int) -> Vocabulary:
    """Return the vocabulary of the most frequent characters, and for the word unit pieces, of `documents`."""
    characters: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for document in documents:
        for turn in document.turns:
            characters.update(turn.text)
            if unit == "word":
                words.update(pieces(turn.text))
    return Vocabulary.from_counts(unit, characters, words, size)


def encode_documents(documents: Iterable[Document], vocabulary: Vocabulary) -> Tokens:
    """Return the ids of `documents`, each begun by <document>, its turns by <user> or <bot>."""
    role = {"text": [], "user": [USER], "bot": [BOT]}
    rows = []
    for document in documents:
        row = [DOCUMENT]
        for turn in document.turns:
            row += role[turn.role]
            row += vocabulary.encode(turn.text)
        rows.append(np.array(row, np.int32))
    return np.concatenate(rows)


def decode_documents(tokens: Tokens, vocabulary: Vocabulary) -> list[list[str]]:
    """Return the turns of each document in `tokens`: what encode_documents encoded, without the roles."""
    documents: list[list[str]] = []
    cuts = np.flatnonzero(np.isin(tokens, TURN_MARKS))
    for begin, end in zip(cuts, [*cuts[1:], len(tokens)], strict=True):
        if tokens[begin] == DOCUMENT:
            documents.append([])
        if text := vocabulary.decode(tokens[begin + 1 : end].tolist()):
            documents[-1].append(text)
    return documents

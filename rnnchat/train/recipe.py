"""How a network is trained: one dial (the size), the rest derived from the text and the budget."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from rnnchat.config import Cell
from rnnchat.vocabulary import Unit

Size = Literal["small", "medium", "large"]

# Characters a second that two 2024 server cores train on, to judge what a budget can reach.
CHARACTERS_PER_SECOND = {"small": 90_000, "medium": 35_000, "large": 25_000}

# A graphics card is faster by so much at least, with a pointer.
CARD = 8

# With a pointer a row holds whole documents (batches.py): its tokens, and how many there are on a card if long.
SHORTEST_ROW, LONGEST_ROW, ROWS_ON_A_CARD = 256, 1_024, 32
TOKENS_OF_ROWS = 4_096  # that a step reads on a processor

# A network that goes on from another one's weights takes smaller steps.
FINE_TUNING_RATE = 0.3


@dataclass(frozen=True)
class Recipe:
    """Everything that, with the text and the seed, decides what is learned.

    Attributes:
        batch: streams of text read side by side (B); with attention, rows of whole documents (batches.py).
        length: time steps that gradients flow back through (T).
        epochs: passes over the text; with `minutes` only an estimate.
        minutes: wall time to train for, start-up included; None where epochs decide.
        learning_rate: the peak; it rises over `warm_up` of the training and falls linearly to zero.
        forget: chance that a stream starts a batch from the empty state, so that cold starts are learned too; rows of
            whole documents always do.
        average: decay of the exponential moving average of the weights that is evaluated and kept.
        attention: width of the keys of a pointer to what was said (Config.attention); 0 for none.
        user_weight: how much the user's turns count as targets beside the chatbot's; with attention only.
        head, sample: the sampled softmax (losses.sampled_loss); sample 0 computes all of it.
    """

    unit: Unit
    cell: Cell
    size: Size
    layers: int
    hidden: int
    embedding: int
    vocabulary: int
    tied: bool
    batch: int
    length: int
    epochs: float
    minutes: float | None = None
    learning_rate: float = 4e-3
    warm_up: float = 0.02
    weight_decay: float = 0.01
    dropout: float = 0.0
    clip: float = 1.0
    forget: float = 0.01
    average: float = 0.998
    head: int = 0
    sample: int = 0
    seed: int = 0
    attention: int = 0
    user_weight: float = 1.0


# unit, size -> layers, hidden, embedding, vocabulary
SIZES: dict[tuple[Unit, Size], tuple[int, int, int, int]] = {
    ("char", "small"): (1, 256, 64, 1_024),
    ("char", "medium"): (1, 512, 64, 1_024),
    ("char", "large"): (2, 512, 96, 2_048),
    ("word", "small"): (1, 256, 128, 4_096),
    ("word", "medium"): (1, 512, 192, 8_192),
    ("word", "large"): (1, 640, 256, 16_384),
}


def recipe_for(
    characters: int,
    *,
    unit: Unit | None = None,
    cell: Cell = "lstm",
    size: Size | None = None,
    minutes: float | None = None,
    epochs: float | None = None,
    seed: int = 0,
    pointer: bool = False,
    long_document: int = LONGEST_ROW,
    graphics_card: bool = False,
) -> Recipe:
    """Return the recipe for a text of so many characters; what is None is chosen from the text and the budget.

    Args:
        pointer: an attention head that repeats what was said, for dialogues.
        long_document: characters that few documents are longer than; with a pointer rows are so long, rounded up.
        graphics_card: whether one trains it; more rows side by side cost it hardly more time, so where that is the
            budget there are more.
    """
    unit = unit or ("word" if characters >= 5_000_000 else "char")
    size = size or _size_for(characters, minutes)
    speed = CHARACTERS_PER_SECOND[size] * (CARD if graphics_card else 1)
    if epochs is None:
        seconds = 60 * minutes if minutes else 600.0
        epochs = max(1.0, seconds * speed / max(characters, 1))
        if not minutes:
            epochs = float(min(40, math.ceil(epochs)))
    layers, hidden, embedding, vocabulary = SIZES[unit, size]
    # Small batches learn more in a short budget, but a text must also be long enough to be cut into the streams.
    if cell == "feedforward":
        hidden, embedding = hidden // 2, embedding // 2  # it sees one token: more would be for nothing
    length = 64 if unit == "char" else 40
    batch = 16 if unit == "char" else 64
    while batch > 1 and characters / (5 if unit == "word" else 1) < 4 * batch * length:
        batch //= 2
    recipe = Recipe(
        unit,
        cell,
        size,
        layers,
        hidden,
        embedding,
        vocabulary,
        unit == "word",
        batch,
        length,
        epochs,
        minutes,
        seed=seed,
    )
    if unit == "word":
        recipe = replace(recipe, learning_rate=3e-3, head=vocabulary // 11, sample=vocabulary // 16)
    if pointer:
        # A gradient must reach back to all that can be pointed at (batches.py, config.REMEMBERED).
        # In a dialogue of words there may be many that are spelled, such as made-up names.
        tokens, longest = (characters // 5, long_document // 3) if unit == "word" else (characters, long_document)
        length = min(max(SHORTEST_ROW, -(-(longest + 1) // SHORTEST_ROW) * SHORTEST_ROW), LONGEST_ROW)
        rows = max(1, min(TOKENS_OF_ROWS, tokens // 4) // length)
        if graphics_card and minutes:
            rows = max(rows, min(ROWS_ON_A_CARD * LONGEST_ROW, tokens // 4) // length)
        recipe = replace(recipe, batch=rows, length=length, attention=64, user_weight=0.3, sample=0)
    return replace(recipe, dropout=_dropout_for(epochs))


def _size_for(characters: int, minutes: float | None) -> Size:
    if characters < 200_000 or (minutes is not None and minutes < 2):
        return "small"
    return "large" if characters >= 20_000_000 and (minutes is None or minutes >= 30) else "medium"


def _dropout_for(epochs: float) -> float:
    """Dropout by how often the network sees the text: none for a few passes, more as it begins to memorise."""
    return 0.0 if epochs <= 4 else 0.15 if epochs <= 15 else 0.3


def learning_rate(recipe: Recipe, progress: float) -> float:
    """Return the learning rate after `progress` (0 to 1) of the training: a short rise, then a line down to zero."""
    if progress < recipe.warm_up:
        return recipe.learning_rate * max(progress, 1e-3) / recipe.warm_up
    return recipe.learning_rate * max(0.0, 1.0 - progress) / (1.0 - recipe.warm_up)

"""Number sequences to try a network on: what comes next follows from what came before, so memory is all it takes.

    python corpora/numbers/generate.py --count 2000 --seed 1 > numbers.lines

Each line is one sequence of eight to sixteen numbers: counting up or down by a step, doubling, squares, Fibonacci
sums, a repeated pattern, or the digits of one number again and again. The same seed gives the same lines.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable

Random = random.Random


def counting(chance: Random) -> list[int]:
    """Up or down by a step."""
    step = chance.choice([-10, -5, -3, -2, -1, 1, 2, 3, 4, 5, 7, 10, 11])
    first = chance.randrange(0, 100) + (160 if step < 0 else 0)
    return [first + step * place for place in range(16)]


def doubling(chance: Random) -> list[int]:
    """Each twice the one before."""
    first = chance.randrange(1, 10)
    return [first * 2**place for place in range(12)]


def squares(chance: Random) -> list[int]:
    """Square numbers from somewhere on."""
    first = chance.randrange(1, 20)
    return [(first + place) ** 2 for place in range(14)]


def sums(chance: Random) -> list[int]:
    """Each the sum of the two before, as Fibonacci's."""
    row = [chance.randrange(1, 10), chance.randrange(1, 10)]
    while len(row) < 14:
        row.append(row[-1] + row[-2])
    return row


def pattern(chance: Random) -> list[int]:
    """Two to four numbers over and over."""
    part = [chance.randrange(10) for _ in range(chance.randrange(2, 5))]
    return (part * 8)[:16]


KINDS: tuple[Callable[[Random], list[int]], ...] = (counting, doubling, squares, sums, pattern)


def sequences(count: int, seed: int) -> list[str]:
    """Return `count` lines, each a sequence of 8 to 16 numbers."""
    chance = Random(seed)
    rows = (chance.choice(KINDS)(chance) for _ in range(count))
    return [" ".join(map(str, row[: chance.randrange(8, 17)])) for row in rows]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("\n".join(sequences(options.count, options.seed)))

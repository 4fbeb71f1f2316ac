"""What a network is trained to make small: how surprised it is by the next token, and how far its pointer is astray.

Shapes: T time steps, B streams of text side by side, V tokens, F features, S tokens remembered.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from rnnchat.train.network import Looks, Network, NetworkState
from rnnchat.vocabulary import DOCUMENT

LONGEST_RUN = 8  # tokens: so far it is looked how long a run comes again
NO_CHANCE = 7.0  # nats: a run that costs so much is found by chance once in a thousand places


class Lesson(nn.Module):
    """One module from the tokens of whole documents to both losses, so that a graphics card can record it."""

    def __init__(self, network: Network, seep: float) -> None:
        super().__init__()
        self.network, self.seep = network, seep

    def forward(self, tokens: Tensor, weights: Tensor, *state: Tensor) -> tuple[Tensor, Tensor]:
        """Return what full_losses does for tokens (T + 1, B), read from `state` on, with weights (T, B)."""
        features, after = self.network(tokens[:-1], state)
        return full_losses(self.network, features, tokens[1:], after, weights, self.seep)


def full_loss(network: Network, features: Tensor, targets: Tensor, state: NetworkState) -> Tensor:
    """Return the mean cross-entropy in nats of targets (T, B) given features (T, B, F) and the state after them."""
    return full_losses(network, features, targets, state)[0]


def full_losses(
    network: Network,
    features: Tensor,
    targets: Tensor,
    state: NetworkState,
    weights: Tensor | None = None,
    seep: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Return what full_loss does, and the mean of how far the pointer is astray (_astray), 0 without a pointer.

    Args:
        weights: (T, B) how much each target counts; all the same where None.
        seep: how much of what the gate keeps for the network itself goes to the pointer nevertheless.
    """
    steps = len(targets)
    found = []
    for begin, end in network.stretches(steps):
        known, coming = network.as_of(state, steps - end), targets[begin : end + LONGEST_RUN - 1]
        found.append(_losses(network, features[begin:end], coming, known, seep))
    losses, astray = (torch.cat(part) for part in zip(*found, strict=True))
    if weights is None:
        return losses.mean(), astray.mean()
    return (losses * weights).sum() / weights.sum(), (astray * weights).sum() / weights.sum()


def _losses(
    network: Network, features: Tensor, coming: Tensor, state: NetworkState, seep: float
) -> tuple[Tensor, Tensor]:
    """Return both losses of each target (T, B), not weighted; `coming` begins with the targets and goes on a little."""
    targets = coming[: len(features)]
    looks = network.look_back(features, state) if network.config.attention else None
    logits = network.logits(features, looks).float()
    losses = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view(targets.shape)
    if looks is None:
        return losses, torch.zeros_like(losses)
    wanted = targets.transpose(0, 1)
    again = (looks.weights * (looks.tokens[:, None, :] == wanted[..., None])).sum(-1, keepdim=True)
    opened, closed = nn.functional.logsigmoid(looks.gate), nn.functional.logsigmoid(-looks.gate)
    if seep:
        # Where the gate lets nothing through, the pointer would never learn what it could have said.
        closed = torch.logaddexp(closed, math.log(seep) + opened)
        opened = opened + math.log1p(-seep)
    own = opened - losses.transpose(0, 1)[..., None]
    copied = closed + torch.log(again + 1e-9)
    return -torch.logaddexp(own, copied)[..., 0].transpose(0, 1), _astray(looks, coming, losses.detach())


def _astray(looks: Looks, coming: Tensor, nats: Tensor) -> Tensor:
    """Return (T, B) in nats how far the pointer is from where the next of the tokens that come were said before.

    The next token alone stands in many places, most of them by chance, and to look at each of them is rewarded alike.
    So where a run of tokens comes again that nobody would hit upon by chance, the place to look is where the longest
    run stands (supervised attention, Liu 2016; here the text itself tells what is right). Elsewhere it is 0. A run ends
    with its document, and what it costs is counted up to the end of the T: one that goes on there may be passed over.

    Args:
        coming: (T + LONGEST_RUN - 1, B) the tokens that come after each of T, and some more if there are.
        nats: (T, B) what each of the first T of them costs the network itself, with what it reads where it points.
    """
    steps, slots = looks.weights.shape[1:]
    after = coming[steps - 1 :].transpose(0, 1)
    # int16 compares fast; what is behind the end is like nothing that comes.
    text = torch.cat([looks.tokens, after], 1).to(torch.int16)
    text = nn.functional.pad(text, (0, LONGEST_RUN - after.shape[1]), value=-1)
    same = looks.own.clone()
    length = torch.zeros(same.shape, dtype=torch.uint8)
    first = slots - steps + 1  # of those that come
    for n in range(LONGEST_RUN):
        comes = text[:, first + n : first + n + steps]
        same &= (comes[:, :, None] == text[:, None, n : n + slots]) & (comes > DOCUMENT)[:, :, None]
        length += same
    longest = length.amax(-1, keepdim=True)
    there = (looks.weights * (length == longest)).sum(-1)
    spent = nn.functional.pad(nats.transpose(0, 1).cumsum(1), (1, 0))
    ends = (torch.arange(steps) + longest[..., 0]).clamp(max=steps)
    said_again = spent.gather(1, ends) - spent[:, :steps] > NO_CHANCE
    return (-torch.log(there + 1e-9) * said_again).transpose(0, 1)


def sampled_loss(network: Network, features: Tensor, targets: Tensor, head: int, sample: int) -> Tensor:
    """Return an estimate of `full_loss` that computes few of the V logits.

    The softmax's denominator is a sum over the vocabulary. The `head` most frequent tokens and the batch's own
    targets are summed exactly; of the others a uniform sample stands for all, each weighted by how many it stands
    for (Horvitz and Thompson 1952), so the denominator is unbiased.
    """
    size = network.config.vocabulary
    certain = torch.zeros(size, dtype=torch.bool)
    certain[:head] = True
    certain[targets] = True
    rest = (~certain).nonzero().squeeze(1)
    if len(rest) <= sample:
        return full_loss(network, features, targets, ())
    drawn = rest[torch.randint(len(rest), (sample,))]
    counted = certain.nonzero().squeeze(1)
    columns = torch.cat([counted, drawn])
    place = torch.zeros(size, dtype=torch.long)
    place[counted] = torch.arange(len(counted))
    logits = nn.functional.linear(features, network.output.weight[columns], network.output.bias[columns]).float()
    weight = torch.cat([torch.zeros(len(counted)), torch.full((sample,), math.log(len(rest) / sample))])
    return nn.functional.cross_entropy((logits + weight).flatten(0, 1), place[targets].flatten())

"""Fit the weights of rnnchat/shell/ranking.py on the train part of public sessions; print them as JSON."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.report import PUBLIC_TEXTS
from benchmarks.shell_sessions import read_sessions
from rnnchat.recurrent import RecurrentModel
from rnnchat.shell.counts import Counts, Entry
from rnnchat.shell.ranking import FEATURES, NONE_FEATURES, Place, Weights, features, none_features, word_ends
from rnnchat.shell.suggest import Suggester


def collect(sessions, model, weights, seed=0):
    chance = random.Random(seed)
    out = []
    for session in sessions:
        s = Suggester(Counts(), weights, model, budget=10.0)
        for n, command in enumerate(session):
            if len(command) < 80 and n:
                for length in {0, 1, 2, 3, chance.randrange(len(command)), chance.randrange(len(command))}:
                    if length >= len(command): continue
                    p = command[:length]
                    place = Place("", "", s.counts.last_commands(""))
                    c, _ = s.rank(p, place)
                    if not c: continue
                    t = features(c, s.counts, place, p)
                    end = word_ends(command, length)[0]
                    exact = np.array([x.text == command for x in c])
                    first = np.array([x.text[:word_ends(x.text, length)[0]] == command[:end] for x in c])
                    out.append((t, none_features(s.counts, p), exact, first))
            s.learn(Entry(command, time=n))
    return out

def fit(data, l2=1e-3, steps=600):
    import torch
    F, N = len(FEATURES), len(NONE_FEATURES)
    K = max(len(t) for t, *_ in data)
    X = torch.zeros(len(data), K, F); M = torch.full((len(data), K + 1), -1e9); Z = torch.zeros(len(data), N)
    E = torch.zeros(len(data), K + 1); G = torch.zeros(len(data), K + 1)
    for i, (t, n, exact, first) in enumerate(data):
        X[i, :len(t)] = torch.tensor(t); M[i, :len(t)] = 0; M[i, K] = 0; Z[i] = torch.tensor(n)
        E[i, :len(t)] = torch.tensor(exact); G[i, :len(t)] = torch.tensor(first)
        if not first.any(): G[i, K] = 1
    has = E.sum(1) > 0
    w = torch.zeros(F, requires_grad=True); v = torch.zeros(N, requires_grad=True)
    opt = torch.optim.LBFGS([w, v], max_iter=steps, line_search_fn="strong_wolfe")
    def closure():
        opt.zero_grad()
        s = torch.cat([X @ w, (Z @ v)[:, None]], 1) + M
        lp = torch.log_softmax(s, 1)
        word = torch.logsumexp(lp + torch.log(G.clamp(min=1e-30)), 1)
        line = torch.logsumexp(lp + torch.log(E.clamp(min=1e-30)), 1) - word
        loss = -word.mean() - 0.5 * line[has].sum() / len(data) + l2 * (w.square().sum() + v.square().sum())
        loss.backward(); return loss
    loss = opt.step(closure)
    lp = torch.softmax(torch.cat([X @ w, (Z @ v)[:, None]], 1) + M, 1)
    top = lp[:, :-1].argmax(1)
    print("loss", float(loss), "first right", float(G[torch.arange(len(data)), top].mean()), "covered first", float((G[:, K] == 0).float().mean()), "line", float(has.float().mean()), file=sys.stderr)
    return w.detach().numpy().astype(float), v.detach().numpy().astype(float)

if __name__ == "__main__":
    import torch
    torch.set_num_threads(1)
    sessions = read_sessions(PUBLIC_TEXTS / "shell/csirtmu_sessions.train.txt")
    lo, hi = int(sys.argv[1]), int(sys.argv[2])
    model = RecurrentModel.load(sys.argv[3] if len(sys.argv) > 3 else "shell")
    w0 = Path("/tmp/w.json")
    if w0.exists():
        d = json.loads(w0.read_text()); weights = Weights(np.array(d["candidate"]), np.array(d["none"]))
    else:
        weights = Weights(np.array([1,0,0,0,.4,.4,.4,.6,.5,.3,0,-.3,-.3,.5,.3,0,.2,.1,0,0.]), np.array([1,0,0,0.]))
    t = time.time()
    data = collect(sessions[lo:hi], model, weights)
    print(len(data), time.time() - t, file=sys.stderr)
    import pickle; pickle.dump(data, open("/tmp/fitdata.pkl", "wb"))
    w, v = fit(data)
    for n, x in zip([*FEATURES, *NONE_FEATURES], [*w, *v]): print(f"{n:20s} {x:.3f}", file=sys.stderr)
    print(json.dumps({"candidate": [round(x, 3) for x in w], "none": [round(x, 3) for x in v]}))

"""PyTorch's speed at training: characters per second, or examples per second of a classifier.

    python torch_train.py large --precision bfloat16
    python torch_train.py reviews

A step is forward, loss, backward, clipping by the global norm and Adam. Character models carry their state from step to step.
Prints one JSON object.
"""

import functools

import torch

from configs import CLASSIFY, DROPOUT, EMBEDDING, STACK, TRAIN, lengths
from timing import parser, rate, report


class MultiplicativeLSTM(torch.nn.Module):
    """A multiplicative LSTM, which PyTorch does not have, with or without layer normalization: rows [T, N, D] and a state in,
    rows [T, N, H] and a state out. The products with the input are one product over all steps; some steps at a time
    are compiled, which is faster and needs a C++ compiler (all at once would be compiled for minutes)."""

    AT_ONCE = 8

    def __init__(self, D, H, L, norm):
        super().__init__()
        assert L == 1
        self.H = H
        self.input, self.state = torch.nn.Linear(D, 5 * H), torch.nn.Linear(H, H, bias=False)
        self.gates = torch.nn.Linear(H, 4 * H, bias=False)
        self.gain = torch.nn.Parameter(torch.ones(4 * H)) if norm else None
        self.steps = torch.compile(self.run_steps)

    def run_steps(self, x, h, c):
        rows = []
        for x_t in x.unbind(0):
            p = self.gates(x_t[:, 4 * self.H:] * self.state(h))
            if self.gain is not None:
                p = torch.nn.functional.layer_norm(p, p.shape[-1:], self.gain, None, 1e-3)
            i, f, g, o = (p + x_t[:, :4 * self.H]).chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            rows.append(h)
        return torch.stack(rows), h, c

    def forward(self, z, state):
        h, c = state or (z.new_zeros(z.shape[1], self.H), z.new_zeros(z.shape[1], self.H))
        rows = []
        for x in self.input(z).split(self.AT_ONCE):
            y, h, c = self.steps(x, h, c)
            rows.append(y)
        return torch.cat(rows), (h, c)


CELLS = {"mlstm": functools.partial(MultiplicativeLSTM, norm=False),
         "mlstm-norm": functools.partial(MultiplicativeLSTM, norm=True),
         "lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}  # the last cell uses tanh


class Model(torch.nn.Module):
    """Token ids [T, N] and a state in, logits [T, N, V] and a state out."""

    def __init__(self, cell, V, H, L, embedded):
        super().__init__()
        self.V = V
        self.embedding = torch.nn.Embedding(V, EMBEDDING) if embedded else None
        self.rnn = CELLS[cell](EMBEDDING if embedded else V, H, L)
        self.output = torch.nn.Linear(H, V)

    def forward(self, x, state):
        z = self.embedding(x) if self.embedding else torch.nn.functional.one_hot(x, self.V).float()
        y, state = self.rnn(z, state)
        return self.output(y), state


class Training:
    """A model, a batch and an optimizer."""

    def __init__(self, cell, V, H, L, N, T, embedded, precision):
        self.model = Model(cell, V, H, L, embedded)
        self.optimizer = torch.optim.Adam(self.model.parameters(), 2e-3, fused=True)
        self.x, self.y = torch.randint(V, (T, N)), torch.randint(V, (T, N))
        self.state = None
        self.precision = precision

    def step(self):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            logits, state = self.model(self.x, self.state)
        # An LSTM's state has two parts.
        self.state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), self.y.flatten())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()


class Classifier(torch.nn.Module):
    """Token ids [T, N] and the number of each text's tokens in, logits [N, C] out; with dropout if `F` is given.

    The output at each text's last token is read from padded batches, which is faster than packing them.
    """

    def __init__(self, V, D, H, C, L=1, F=None, **_):
        super().__init__()
        self.embedding = torch.nn.Embedding(V, D, padding_idx=0 if F else None)
        self.rnn = torch.nn.LSTM(D, H, L)
        self.dropout = torch.nn.Dropout(DROPOUT if F else 0)
        self.dense = torch.nn.Sequential(torch.nn.Linear(H, F), torch.nn.ReLU(), self.dropout) if F else None
        self.output = torch.nn.Linear(F or H, C)

    def forward(self, x, counts):
        y = self.rnn(self.dropout(self.embedding(x)))[0]
        h = self.dropout(y[-1] if counts is None else y[counts - 1, torch.arange(y.shape[1])])
        return self.output(self.dense(h) if self.dense else h)


class Classifying:
    """A classifier, batches of token ids, numbers of tokens and classes, and an optimizer."""

    def __init__(self, model, rate, clip, batches, precision):
        self.model, self.clip, self.batches = model, clip, batches
        self.optimizer = torch.optim.Adam(model.parameters(), rate, fused=True)
        self.precision = precision
        self.turn = 0

    def step(self):
        x, counts, y = self.batches[self.turn % len(self.batches)]
        self.turn += 1
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            logits = self.model(x, counts)
        loss = torch.nn.functional.cross_entropy(logits.float(), y)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()


def reviews(sizes, precision):
    """The classifier of texts, with padded batches."""
    batches = []
    for counts in lengths(sizes["N"]):
        counts = torch.tensor(counts)
        T = int(counts.max())
        x = torch.randint(1, sizes["V"], (T, sizes["N"])) * (torch.arange(T)[:, None] < counts)
        batches.append((x, counts, torch.randint(sizes["C"], (sizes["N"],))))
    return Classifying(Classifier(**sizes), 1e-2, 1.0, batches, precision)


def stack(sizes, precision):
    """The stack of LSTMs over tokens without padding."""
    x = torch.randint(sizes["V"], (sizes["T"], sizes["N"]))
    y = torch.randint(sizes["C"], (sizes["N"],))
    return Classifying(Classifier(**sizes), 1e-3, None, [(x, None, y)], precision)


def main():
    options = parser(__doc__.splitlines()[0], TRAIN | CLASSIFY | STACK)
    options.add_argument("--precision", default="float32", choices=["float32", "bfloat16"])
    options.add_argument("--input", default="embedding", choices=["one-hot", "embedding"])
    a = options.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    for configurations, make in ((CLASSIFY, reviews), (STACK, stack)):
        if a.config in configurations:
            sizes = configurations[a.config]
            training = make(sizes, a.precision)
            report(
                "PyTorch", torch.__version__, sizes, precision=a.precision, input="embedding", threads=a.threads,
                examples_per_second=rate(training.step, sizes["N"], a.seconds),
            )
            return
    sizes = TRAIN[a.config]
    training = Training(**sizes, embedded=a.input == "embedding", precision=a.precision)
    report(
        "PyTorch", torch.__version__, sizes, precision=a.precision, input=a.input, threads=a.threads,
        characters_per_second=rate(training.step, sizes["N"] * sizes["T"], a.seconds),
    )


if __name__ == "__main__":
    main()

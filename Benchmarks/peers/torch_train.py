"""PyTorch's speed at training: characters per second.

    python torch_train.py large --precision bfloat16

A step is forward, loss, backward, clipping by the global norm and Adam, with the state carried on. Prints one JSON
object.
"""

import torch

from configs import EMBEDDING, TRAIN
from timing import parser, rate, report

CELLS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}  # the last is of tanh


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


def main():
    options = parser(__doc__.splitlines()[0], TRAIN)
    options.add_argument("--precision", default="float32", choices=["float32", "bfloat16"])
    options.add_argument("--input", default="embedding", choices=["one-hot", "embedding"])
    a = options.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    sizes = TRAIN[a.config]
    training = Training(**sizes, embedded=a.input == "embedding", precision=a.precision)
    report(
        "PyTorch", torch.__version__, sizes, precision=a.precision, input=a.input, threads=a.threads,
        characters_per_second=rate(training.step, sizes["N"] * sizes["T"], a.seconds),
    )


if __name__ == "__main__":
    main()

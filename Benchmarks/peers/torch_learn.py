"""How fast a plain PyTorch LSTM learns a text: its loss on held-out text over the seconds of training.

    python torch_learn.py tinyshakespeare.zip --seconds 300

One LSTM of H units with dropout on its outputs, AdamW, a cosine that follows the clock, the global norm clipped to 1, batches of N
streams and T steps whose state is carried. The last tenth of the text is held out. The precision is the faster one of bfloat16
and float32 on this processor. Prints one JSON object for each measurement: the seconds of training, without those of measuring,
and the held-out loss. It is an estimate from streams side by side; the last one is exact: one stream, float32.
"""

import argparse
import json
import math
import time
import zipfile

import torch

from configs import EMBEDDING
from timing import rate
from torch_train import Model, Training

N, T, H, DROPOUT_OUT = 32, 64, 512, 0.5
RATE, BETAS, DECAY, WARM_UP, CLIP = 5e-3, (0.9, 0.99), 0.1, 0.03, 1.0
# The streams of an estimate, and the characters that each reads before it counts.
STREAMS, LEAD = 64, 256


def read(path):
    """The text of a file, or of all files of a zip archive in the order of their names."""
    if not zipfile.is_zipfile(path):
        with open(path, encoding="utf-8") as file:
            return file.read()
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if not name.endswith("/"))
        return "\n\n".join(archive.read(name).decode("utf-8") for name in names)


class Network(Model):
    """The character model of torch_train.py with dropout on the outputs of the LSTM."""

    def __init__(self, V):
        super().__init__("lstm", V, H, 1, embedded=True)
        self.dropout = torch.nn.Dropout(DROPOUT_OUT)

    def forward(self, x, state):
        y, state = self.rnn(self.embedding(x), state)
        return self.output(self.dropout(y)), state


def loss_of(logits, targets, reduction="mean"):
    return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction=reduction)


@torch.no_grad()
def measure(model, tokens, streams, precision):
    """The mean loss of `tokens` but the first, read in `streams` parts side by side."""
    model.eval()
    count = len(tokens) - 1
    length = count // streams
    starts = torch.arange(streams) * length
    lead = min(LEAD, length) if streams > 1 else 0
    state, total, read = None, 0.0, 0
    for first in range(-lead, length, 256):
        steps = torch.arange(first, min(first + 256, 0 if first < 0 else length))
        # The first stream begins at the start of the text: what it reads before is forgotten.
        places = (steps[:, None] + starts).clamp(min=0)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            logits, state = model(tokens[places], state)
        if first >= 0:
            total += loss_of(logits, tokens[places + 1], "sum").item()
            read += places.numel()
        elif steps[-1] == -1:
            for part in state:
                part[:, 0] = 0
    model.train()
    return total / read


class Learning:
    """A network, the streams of a text, and an optimizer whose learning rate depends on the share of the run."""

    def __init__(self, tokens, V, precision):
        self.model, self.precision = Network(V), precision
        self.length = (len(tokens) - 1) // N
        self.tokens = tokens
        self.place, self.state = 0, None
        matrices = [p for p in self.model.parameters() if p.dim() > 1]
        others = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [dict(params=matrices, weight_decay=DECAY), dict(params=others, weight_decay=0.0)], RATE, betas=BETAS, fused=True)

    def step(self, share):
        """Learns a batch; `share` of the run is over."""
        for group in self.optimizer.param_groups:
            group["lr"] = RATE * min(1, share / WARM_UP) * 0.5 * (1 + math.cos(math.pi * min(1, share)))
        if self.place + T > self.length:
            self.place, self.state = 0, None
        places = torch.arange(self.place, self.place + T)[:, None] + torch.arange(N) * self.length
        self.place += T
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            logits, state = self.model(self.tokens[places], self.state)
        self.state = tuple(part.detach() for part in state)
        loss = loss_of(logits, self.tokens[places + 1])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()


def faster_precision(V):
    """The precision with which a step of this size is faster."""
    speeds = {p: rate(Training("lstm", V, H, 1, N, T, True, p).step, N * T, 2) for p in ("float32", "bfloat16")}
    return max(speeds, key=speeds.get)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("text", help="a text in UTF-8, or a zip archive of texts")
    options.add_argument("--threads", type=int, default=2, help="threads of the framework (default: 2)")
    options.add_argument("--seconds", type=float, default=300, help="how long to train (default: 300)")
    options.add_argument("--seed", type=int, default=0, help="the seed of all random numbers (default: 0)")
    a = options.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    text = read(a.text)
    alphabet = {character: index for index, character in enumerate(sorted(set(text)))}
    tokens = torch.tensor([alphabet[character] for character in text])
    split = len(tokens) - len(tokens) // 10
    training, held_out = tokens[:split], tokens[split:]
    streams = max(1, min(STREAMS, len(held_out) // 1024))
    precision = faster_precision(len(alphabet))

    learning = Learning(training, len(alphabet), precision)
    seconds, steps, due = 0.0, 0, 0.5

    def report(loss, exact):
        print(json.dumps(dict(
            program="PyTorch", version=torch.__version__, precision=precision, threads=a.threads, seconds=seconds,
            characters=steps * N * T, validation_loss=loss, validation_is_exact=exact)), flush=True)

    while seconds < a.seconds:
        start = time.perf_counter()
        learning.step(seconds / a.seconds)
        seconds, steps = seconds + time.perf_counter() - start, steps + 1
        if seconds >= due and seconds < a.seconds:
            report(measure(learning.model, held_out, streams, precision), False)
            due = max(due, seconds) * 1.15
    report(measure(learning.model, held_out, 1, "float32"), True)


if __name__ == "__main__":
    main()

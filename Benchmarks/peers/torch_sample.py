"""PyTorch's and ONNX Runtime's speed at sampling: characters per second over all streams.

    python torch_sample.py v65-1x256 --program onnxruntime --streams 64

For each character, the model computes a step and a softmax, and the drawn character is the next input. Prints one JSON
object for each program.
"""

import tempfile
import warnings

import torch

from configs import EMBEDDING, SAMPLE
from timing import parser, rate, report


class Step(torch.nn.Module):
    """Token ids [1, S] and a state [L, S, H] in, logits [1, S, V] and a state out, for S streams."""

    def __init__(self, V, H, L):
        super().__init__()
        self.embedding = torch.nn.Embedding(V, EMBEDDING)
        self.rnn = torch.nn.LSTM(EMBEDDING, H, L)
        self.output = torch.nn.Linear(H, V)

    def forward(self, x, h, c):
        y, (h, c) = self.rnn(self.embedding(x), (h, c))
        return self.output(y), h, c


def start(sizes, streams):
    """The first token ids and the zero states."""
    state = torch.zeros(sizes["L"], streams, sizes["H"])
    return torch.zeros(1, streams, dtype=torch.long), state, state.clone()


def torch_rate(model, sizes, streams, seconds):
    x, h, c = start(sizes, streams)

    def step():
        nonlocal x, h, c
        logits, h, c = model(x, h, c)
        x = torch.multinomial(torch.softmax(logits[0], -1), 1).T

    with torch.inference_mode():
        return rate(step, streams, seconds)


def onnx_rate(model, sizes, streams, threads, seconds):
    import numpy as np
    import onnxruntime

    with tempfile.NamedTemporaryFile(suffix=".onnx") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, start(sizes, streams), file.name, input_names=["x", "h", "c"],
            output_names=["logits", "h_out", "c_out"], dynamo=False,
        )
        options = onnxruntime.SessionOptions()
        # One stream is too little work for two threads: it is faster with one.
        options.intra_op_num_threads = 1 if streams == 1 else threads
        session = onnxruntime.InferenceSession(file.name, options)
    x, h, c = (part.numpy() for part in start(sizes, streams))
    random = np.random.default_rng(0)

    def draw_one(logits):
        weights = np.exp(logits[0, 0] - logits.max())
        x[0, 0] = np.searchsorted(np.cumsum(weights) / weights.sum(), random.random()) % sizes["V"]

    def draw_many(logits):
        sums = np.cumsum(np.exp(logits[0] - logits[0].max(-1, keepdims=True)), -1)
        x[0] = (sums < random.random((streams, 1)) * sums[:, -1:]).sum(-1) % sizes["V"]

    draw = draw_one if streams == 1 else draw_many

    def step():
        nonlocal h, c
        logits, h, c = session.run(None, {"x": x, "h": h, "c": c})
        draw(logits)

    return rate(step, streams, seconds), onnxruntime.__version__


def main():
    options = parser(__doc__.splitlines()[0], SAMPLE)
    options.add_argument("--program", default="both", choices=["torch", "onnxruntime", "both"])
    options.add_argument("--streams", type=int, default=1, help="texts written at once (default: 1)")
    a = options.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    sizes = SAMPLE[a.config]
    model = Step(**sizes).eval()
    if a.program != "onnxruntime":
        speed = torch_rate(model, sizes, a.streams, a.seconds)
        report("PyTorch", torch.__version__, sizes, streams=a.streams, threads=a.threads, characters_per_second=speed)
    if a.program != "torch":
        speed, version = onnx_rate(model, sizes, a.streams, a.threads, a.seconds)
        report("ONNX Runtime", version, sizes, streams=a.streams, threads=a.threads, characters_per_second=speed)


if __name__ == "__main__":
    main()

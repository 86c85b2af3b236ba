"""Golden values for recurrent layers, from PyTorch.

    pip install torch==2.13.0 numpy==2.4.6
    python Tests/References/torch_layers.py    # writes Tests/ChargenTestSupport/Golden/torch_layers.json

PyTorch computes in float32 on a CPU. Each module has two layers and one or both directions, with batches in the second
dimension. All dimensions have different sizes, and all weights and both biases are random, so that a swapped gate or axis
changes the results. The random numbers of a case depend only on its name. To keep the file small, inputs and weights are
rounded to four decimals, and each number is written with the fewest digits that identify its float32 value.

Gradients are those of sum(output * output_gradient) + sum(state * state_gradient). No argument of a relu is so near 0 that
rounding would decide the gradient.
"""
import json
import pathlib
import zlib

import numpy as np
import torch

torch.set_num_threads(1)


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": [float(str(x)) for x in tensor.detach().numpy().flat]}


def random(rng, shape, scale):
    return torch.from_numpy(np.round(rng.standard_normal(tuple(shape)) * scale, 4).astype(np.float32))


def near_kink(rnn, x, h0):
    """Whether an argument of a relu is almost 0, in any layer and direction."""
    ways = 2 if rnn.bidirectional else 1
    for layer in range(rnn.num_layers):
        outputs = []
        for way in range(ways):
            suffix = f"l{layer}" + "_reverse" * way
            w_ih, w_hh, b_ih, b_hh = (getattr(rnn, f"{name}_{suffix}") for name in (
                "weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            h, steps = h0[layer * ways + way], []
            for x_t in x.flip(0) if way else x:
                z = x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh
                if (z.abs() < 1e-3).any():
                    return True
                h = z.relu()
                steps.append(h)
            outputs.append(torch.stack(steps[::-1] if way else steps))
        x = torch.cat(outputs, -1)
    return False


def case(kind, nonlinearity, bidirectional, T, N, D, H):
    words = [kind] + ([nonlinearity] if nonlinearity else []) + (["bidirectional"] if bidirectional else [])
    name = ", ".join(words) + f" (T {T}, N {N}, D {D}, H {H})"
    for attempt in range(1000):
        rng = np.random.default_rng([zlib.crc32(name.encode()), attempt])
        rnn = getattr(torch.nn, kind)(D, H, num_layers=2, bidirectional=bidirectional,
                                      **({"nonlinearity": nonlinearity} if nonlinearity else {}))
        weights = dict(rnn.named_parameters())
        assert list(weights) == list(rnn.state_dict())
        with torch.no_grad():
            for key, w in weights.items():
                w.copy_(random(rng, w.shape, 0.3 if key.startswith("bias") else 0.4))
        x = random(rng, (T, N, D), 1).requires_grad_()
        shape = (2 * (2 if bidirectional else 1), N, H)
        start = [random(rng, shape, scale).requires_grad_() for scale in ((0.5, 0.9) if kind == "LSTM" else (0.5,))]
        with torch.no_grad():
            if nonlinearity != "relu" or not near_kink(rnn, x, start[0]):
                break
    else:
        raise RuntimeError(f"no numbers suit {name}")

    output, final = rnn(x, tuple(start) if kind == "LSTM" else start[0])
    final = list(final) if kind == "LSTM" else [final]
    gradients = [random(rng, y.shape, 1) for y in (output, *final)]
    sum((y * dy).sum() for y, dy in zip((output, *final), gradients)).backward()
    return {
        "name": name, "class": kind, "nonlinearity": nonlinearity, "bidirectional": bidirectional, "num_layers": 2,
        "hidden_size": H, "input": numbers(x), "initial_state": [numbers(s) for s in start],
        "weights": [{"name": key, **numbers(w)} for key, w in weights.items()],
        "output": numbers(output), "states": [numbers(s) for s in final],
        "output_gradient": numbers(gradients[0]), "state_gradients": [numbers(g) for g in gradients[1:]],
        "gradients": {"input": numbers(x.grad), "initial_state": [numbers(s.grad) for s in start],
                      "weights": [numbers(w.grad) for w in weights.values()]}}


cases = [case(kind, nonlinearity, bidirectional, **size)
         for kind, nonlinearity in (("LSTM", None), ("GRU", None), ("RNN", "tanh"), ("RNN", "relu"))
         for bidirectional, size in ((False, dict(T=5, N=2, D=3, H=4)), (False, dict(T=4, N=3, D=5, H=7)),
                                     (True, dict(T=5, N=2, D=3, H=4)), (True, dict(T=4, N=3, D=5, H=2)))]

here = pathlib.Path(__file__).parent.parent
path = here / "ChargenTestSupport" / "Golden" / "torch_layers.json"
path.parent.mkdir(exist_ok=True)
# One line per case, so that a diff is readable.
lines = (json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
path.write_text('{"cases":[\n' + ",\n".join(lines) + "\n]}\n")

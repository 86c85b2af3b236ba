"""Golden values for the multiplicative LSTM, and for layer normalization in recurrent layers, from PyTorch.

    pip install torch numpy
    python Tests/References/mlstm.py         # writes Tests/ChargenTestSupport/Golden/mlstm.json

PyTorch has neither, so the steps are written out, in float64. The weights have the names and layouts of the model file. The
norm is over all gates of the recurrent product together, before the input and the biases are added: gain, epsilon 1e-3, no
bias. All dimensions have different sizes and all weights are different, so that a swapped gate or axis changes the results.
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
EPSILON = 1e-3
GATES = {"lstm": 4, "gru": 3, "mlstm": 4}


def numbers(tensor):
    """The shape of the tensor and its numbers, flat, with the digits of float32."""
    return {"shape": list(tensor.shape), "values": [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]}


def random(shape, scale):
    """float32 values, so that both sides start from the same numbers."""
    return (torch.randn(shape) * scale).float().double()


def make_weights(cell, norm, V, H, L, D):
    weights = {} if D is None else {"embedding.weight": random((V, D), 0.8)}
    for layer in range(L):
        width, inputs = (D or V) if layer == 0 else H, 5 if cell == "mlstm" else GATES[cell]
        weights[f"rnn.weight_ih_l{layer}"] = random((inputs * H, width), 0.5)
        weights[f"rnn.weight_hh_l{layer}"] = random((GATES[cell] * H, H), 0.4)
        if cell == "mlstm":
            weights[f"rnn.weight_mh_l{layer}"] = random((H, H), 0.6)
        weights[f"rnn.bias_ih_l{layer}"] = random((inputs * H,), 0.4)
        if cell == "gru":
            weights[f"rnn.bias_hh_l{layer}"] = random((3 * H,), 0.4)
        if cell == "lstm":
            weights[f"rnn.bias_hh_l{layer}"] = torch.zeros(4 * H)
        if norm:
            weights[f"rnn.norm_weight_l{layer}"] = random((GATES[cell] * H,), 0.3) + 1
    weights["output.weight"], weights["output.bias"] = random((V, H), 0.4), random((V,), 0.4)
    return {name: tensor.requires_grad_() for name, tensor in weights.items()}


def layer_norm(p, gain):
    mean = p.mean(-1, keepdim=True)
    variance = ((p - mean) ** 2).mean(-1, keepdim=True)
    return gain * (p - mean) / torch.sqrt(variance + EPSILON)


def step(cell, weight, x, h, c):
    """One step of one layer; `weight` gives a weight of the layer."""
    H, z = h.shape[-1], x @ weight("weight_ih").T + weight("bias_ih")
    if cell == "lstm":
        z = z + weight("bias_hh")
    state = z[:, 4 * H:] * (h @ weight("weight_mh").T) if cell == "mlstm" else h
    p = state @ weight("weight_hh").T
    gain = weight("norm_weight")
    if gain is not None:
        p = layer_norm(p, gain)
    if cell == "gru":
        p = p + weight("bias_hh")
        r, u = torch.sigmoid(z[:, :2 * H] + p[:, :2 * H]).chunk(2, -1)
        n = torch.tanh(z[:, 2 * H:] + r * p[:, 2 * H:])
        return (1 - u) * n + u * h, c
    i, f, g, o = (z[:, :4 * H] + p).chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def run(cell, weights, tokens, h, c):
    """Token ids [T, N] and states [L, N, H] in, logits [T*N, V] and states out."""
    V = weights["output.weight"].shape[0]
    x = weights["embedding.weight"][tokens] if "embedding.weight" in weights else torch.nn.functional.one_hot(tokens, V).double()
    hs, cs = [], []
    for layer in range(h.shape[0]):
        outputs, (h_t, c_t) = [], (h[layer], c[layer])
        for x_t in x:
            h_t, c_t = step(cell, lambda name: weights.get(f"rnn.{name}_l{layer}"), x_t, h_t, c_t)
            outputs.append(h_t)
        x = torch.stack(outputs)
        hs.append(h_t), cs.append(c_t)
    return (x @ weights["output.weight"].T + weights["output.bias"]).flatten(0, 1), torch.stack(hs), torch.stack(cs)


def case(seed, cell, norm, T, N, V, H, L=1, D=None):
    torch.manual_seed(seed)
    weights = make_weights(cell, norm, V, H, L, D)
    inputs, targets = torch.randint(V, (T, N)), torch.randint(V, (T, N))
    h0, c0 = (random((L, N, H), scale).requires_grad_() for scale in (0.5, 0.9))
    # A function of the final state, so that the final state has a gradient too.
    dh, dc = random((L, N, H), 0.1), random((L, N, H), 0.1)
    logits, h, c = run(cell, weights, inputs, h0, c0)
    losses = torch.nn.functional.cross_entropy(logits, targets.flatten(), reduction="none")
    (losses.mean() + (h * dh).sum() + ((c * dc).sum() if cell != "gru" else 0)).backward()
    gradients = {name: numbers(w.grad) for name, w in weights.items() if w.grad is not None}
    if cell == "lstm":
        gradients |= {f"rnn.bias_hh_l{layer}": numbers(torch.zeros(4 * H)) for layer in range(L)}
    golden = dict(
        cell=cell, layer_norm=norm, T=T, N=N, V=V, H=H, L=L, D=D, inputs=inputs.flatten().tolist(),
        targets=targets.flatten().tolist(), weights={name: numbers(w) for name, w in weights.items()}, h0=numbers(h0),
        dh=numbers(dh), logits=numbers(logits), h=numbers(h), loss=losses.sum().item(), gradients=gradients,
        dh0=numbers(h0.grad))
    if cell != "gru":
        golden |= dict(c0=numbers(c0), dc=numbers(dc), c=numbers(c), dc0=numbers(c0.grad))
    return golden


def check():
    """Without a norm, the steps of LSTM and GRU are those of PyTorch's modules."""
    for cell, module in (("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU)):
        weights = make_weights(cell, False, V=7, H=5, L=2, D=4)
        rnn, tokens, zeros = module(4, 5, 2), torch.randint(7, (6, 3)), torch.zeros(2, 3, 5)
        rnn.load_state_dict({name[4:]: w for name, w in weights.items() if name.startswith("rnn.")})
        outputs = rnn(weights["embedding.weight"][tokens])[0]
        expected = (outputs @ weights["output.weight"].T + weights["output.bias"]).flatten(0, 1)
        torch.testing.assert_close(run(cell, weights, tokens, zeros, zeros)[0], expected)


if __name__ == "__main__":
    check()
    small, stacked = dict(T=4, N=3, V=7, H=5), dict(T=5, N=4, V=9, H=6, L=2, D=7)
    wide = dict(T=3, N=2, V=11, H=17)
    cases = [case(seed, cell, norm, **size) for seed, (cell, norm, size) in enumerate([
        ("mlstm", False, small), ("mlstm", False, stacked), ("mlstm", True, small), ("mlstm", True, stacked),
        ("mlstm", True, wide), ("lstm", True, small), ("lstm", True, stacked), ("gru", True, small), ("gru", True, stacked)])]
    path = pathlib.Path(__file__).parent.parent / "ChargenTestSupport" / "Golden" / "mlstm.json"
    # One line per case, so that a diff is readable.
    path.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases) + "\n]\n")

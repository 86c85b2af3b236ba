"""Golden values for the LSTM model, from PyTorch.

    pip install torch numpy
    python Tests/References/lstm.py          # writes Tests/ChargenTestSupport/Golden/lstm.json

All dimensions have different sizes and all weights are different, so that a swapped gate or axis changes the results. In
the second case, H and V are not multiples of any vector width. The third and fourth case have several layers and a learned
embedding; the vocabulary is smaller than a batch in one and larger in the other. PyTorch's second biases are zero and not
trained, because they are only added to the first ones.
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)


def numbers(tensor):
    """The shape of the tensor and its numbers, flat, with the digits of float32."""
    return {"shape": list(tensor.shape), "values": [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]}


class Model(torch.nn.Module):
    def __init__(self, V, H, L, D):
        super().__init__()
        self.V = V
        if D is not None:
            self.embedding = torch.nn.Embedding(V, D)
        self.rnn = torch.nn.LSTM(D or V, H, L)
        self.output = torch.nn.Linear(H, V)
        with torch.no_grad():
            for parameter in self.parameters():
                # float32 values, so that both sides start from the same numbers.
                parameter.copy_((torch.randn_like(parameter) * 0.4).float().double())
        for layer in range(L):
            bias = getattr(self.rnn, f"bias_hh_l{layer}")
            bias.requires_grad_(False)
            bias.zero_()

    def forward(self, tokens, state):
        inputs = self.embedding(tokens) if hasattr(self, "embedding") else torch.nn.functional.one_hot(tokens, self.V).double()
        outputs, state = self.rnn(inputs, state)
        return self.output(outputs).flatten(0, 1), state


def weights(model):
    return {name: numbers(tensor) for name, tensor in model.state_dict().items()}


class Cancelled(Exception):
    """A gradient is almost zero, but not zero."""


def case(T, N, V, H, L=1, D=None):
    """The case with the first seed for which no gradient is almost zero. Adam divides each gradient by its own magnitude, so
    the step of a gradient whose terms cancel depends on rounding, in PyTorch as in any float32 program."""
    for seed in range(1000):
        try:
            return seeded_case(seed, T, N, V, H, L, D)
        except Cancelled:
            pass


def seeded_case(seed, T, N, V, H, L, D):
    torch.manual_seed(seed)
    model = Model(V, H, L, D)
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    inputs, targets = torch.randint(V, (T, N)), torch.randint(V, (T, N))
    h0 = (torch.randn(L, N, H) * 0.5).float().double().requires_grad_()
    c0 = (torch.randn(L, N, H) * 0.9).float().double().requires_grad_()
    # A function of the final state, so that the final state has a gradient too.
    dh, dc = (torch.randn(L, N, H).float().double() * 0.1 for _ in range(2))

    logits, (h, c) = model(inputs, (h0, c0))
    losses = torch.nn.functional.cross_entropy(logits, targets.flatten(), reduction="none")
    golden = dict(T=T, N=N, V=V, H=H, L=L, D=D, inputs=inputs.flatten().tolist(), targets=targets.flatten().tolist(),
                  weights=weights(model), h0=numbers(h0), c0=numbers(c0), dh=numbers(dh), dc=numbers(dc),
                  logits=numbers(logits), h=numbers(h), c=numbers(c), loss=losses.sum().item())
    (losses.mean() + (h * dh).sum() + (c * dc).sum()).backward()
    golden["gradients"] = {name: numbers(p.grad) for name, p in model.named_parameters() if p.grad is not None}
    for layer in range(L):
        golden["gradients"][f"rnn.bias_hh_l{layer}"] = numbers(torch.zeros(4 * H))
    golden["dh0"], golden["dc0"] = numbers(h0.grad), numbers(c0.grad)

    def trained(make, clip):
        model.load_state_dict(start)
        parameters = [p for p in model.parameters() if p.requires_grad]
        optimizer, norms = make(parameters), []
        for _ in range(3):
            logits, _ = model(inputs, (h0.detach(), c0.detach()))
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(logits, targets.flatten()).backward()
            norms.append(clip(parameters))
            if any(((p.grad != 0) & (p.grad.abs() < 1e-7)).any() for p in parameters):
                raise Cancelled
            optimizer.step()
        return dict(weights=weights(model), norms=norms)

    norm = 0.15
    golden["adam"] = dict(trained(lambda p: torch.optim.Adam(p, 1e-2),
                                  lambda p: torch.nn.utils.clip_grad_norm_(p, norm).item()), rate=1e-2, norm=norm)
    limit = 0.02

    def clip_value(parameters):
        size = torch.sqrt(sum((p.grad ** 2).sum() for p in parameters)).item()
        torch.nn.utils.clip_grad_value_(parameters, limit)
        return size

    golden["sgd"] = dict(trained(lambda p: torch.optim.SGD(p, 0.5), clip_value), rate=0.5, value=limit)
    return golden


here = pathlib.Path(__file__).parent.parent
path = here / "ChargenTestSupport" / "Golden" / "lstm.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps([
    case(T=4, N=3, V=7, H=5), case(T=6, N=9, V=18, H=17), case(T=5, N=4, V=9, H=6, L=3, D=7),
    case(T=3, N=2, V=19, H=10, L=2, D=5)]) + "\n")

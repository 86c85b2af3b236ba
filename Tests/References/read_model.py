"""Reads a model file as a Python program would, and compares it with chargen's own reading.

    pip install torch safetensors numpy
    chargen train corpora/lyrics-en.zip --epochs 2
    python Tests/References/read_model.py model.safetensors text.txt .build/release/chargen

`text.txt` holds characters that the model knows. PyTorch's modules load the tensors as they are; those of a multiplicative
LSTM, and of layers with a norm, are computed step by step (`mlstm.py`). Fails where the loss of the text differs by more than 1e-5. With
`--logits FILE` it also writes the logits of the first 200 characters as JSON.
"""
import argparse
import json
import subprocess
import sys

import torch
from safetensors import safe_open

arguments = argparse.ArgumentParser()
arguments.add_argument("model")
arguments.add_argument("text")
arguments.add_argument("chargen", nargs="?")
arguments.add_argument("--logits")
a = arguments.parse_args()

with safe_open(a.model, "pt") as file:
    metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}
vocabulary = json.loads(metadata["chargen.vocabulary"])
V, H = tensors["output.weight"].shape
layers = sum(name.startswith("rnn.weight_hh_l") for name in tensors)
embedding = tensors.get("embedding.weight")
network = json.loads(metadata["chargen.network"])
cell, norm = network["cell"], network.get("norm")
if norm not in (None, "layer"):
    sys.exit(f"unknown norm {norm}")

text = open(a.text, newline="").read()
if json.loads(metadata["chargen.text"])["line_breaks"] == "space":
    text = text.replace("\n", " ")
tokens = torch.tensor([vocabulary.index(c) for c in text])
with torch.no_grad():
    if cell == "mlstm" or norm:
        from mlstm import run

        zeros = torch.zeros(layers, 1, H)
        logits = run(cell, {name: t.double() for name, t in tensors.items()}, tokens[:-1, None], zeros, zeros)[0]
    else:
        module = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[cell]
        rnn, output = module(tensors["rnn.weight_ih_l0"].shape[1], H, layers), torch.nn.Linear(H, V)
        rnn.load_state_dict({name[4:]: t for name, t in tensors.items() if name.startswith("rnn.")})
        output.load_state_dict({name[7:]: t for name, t in tensors.items() if name.startswith("output.")})
        inputs = torch.nn.functional.one_hot(tokens[:-1], V).float() if embedding is None else embedding[tokens[:-1]]
        logits = output(rnn(inputs)[0])
loss = torch.nn.functional.cross_entropy(logits, tokens[1:]).item()
print(f"PyTorch: {len(tokens) - 1} characters, loss {loss:.7f}")
if a.logits:
    json.dump(logits[:200].flatten().tolist(), open(a.logits, "w"))
if a.chargen:
    ours = json.loads(subprocess.run([a.chargen, "eval", a.model, a.text, "--json"], check=True, capture_output=True,
                                     text=True).stdout)
    print(f"chargen: {ours['characters']} characters, loss {ours['nll']:.7f}")
    if ours["characters"] != len(tokens) - 1 or abs(ours["nll"] - loss) > 1e-5:
        sys.exit("they differ")

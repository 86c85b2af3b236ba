"""Reads a classifier's file as a Python program would, and compares it with chargen's own reading.

    pip install torch safetensors numpy
    chargen classify train corpora/reviews.tsv
    python Tests/References/read_classifier.py classifier.safetensors texts.txt .build/release/chargen

Each line of `texts.txt` is a text; words are separated by spaces and used without changes. Fails where a probability differs
by more than 1e-4.
"""
import argparse
import json
import subprocess
import sys

import torch
from safetensors import safe_open

arguments = argparse.ArgumentParser()
arguments.add_argument("model")
arguments.add_argument("texts")
arguments.add_argument("chargen")
a = arguments.parse_args()

with safe_open(a.model, "pt") as file:
    metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}
made = json.loads(metadata["chargen.classifier"])
vocabulary, labels = json.loads(metadata["chargen.vocabulary"]), json.loads(metadata["chargen.labels"])


def part(prefix):
    return {name[len(prefix):]: t for name, t in tensors.items() if name.startswith(prefix)}


def linear(prefix):
    layer = torch.nn.Linear(*reversed(tensors[prefix + "weight"].shape))
    layer.load_state_dict(part(prefix))
    return layer


cell = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[made["cell"]]
rnn = cell(made["embedding_size"], made["hidden_size"], made["layers"], bidirectional=made["bidirectional"])
rnn.load_state_dict(part("rnn."))


def probabilities(text):
    tokens = [vocabulary.index(word) if word in vocabulary[2:] else 1 for word in text.split()]
    _, state = rnn(tensors["embedding.weight"][tokens].unsqueeze(1))
    hidden = state[0] if isinstance(state, tuple) else state
    # The final states of the last layer, of both directions if there are two.
    x = torch.cat(list(hidden[-2:] if made["bidirectional"] else hidden[-1:]), dim=1)
    if made["dense_size"]:
        x = torch.relu(linear("dense.")(x))
    return torch.softmax(linear("output.")(x), dim=1)[0]


texts = [line for line in open(a.texts).read().splitlines() if line.strip()]
told = subprocess.run([a.chargen, "classify", "predict", a.model, "--json"] + texts, check=True, capture_output=True,
                      text=True).stdout.splitlines()
worst = 0
with torch.no_grad():
    for text, line in zip(texts, told, strict=True):
        ours = json.loads(line)["probabilities"]
        worst = max([worst] + [abs(ours[label] - p.item()) for label, p in zip(labels, probabilities(text))])
print(f"{len(texts)} texts, probabilities differ by {worst:.2e} at most")
if worst > 1e-4:
    sys.exit("they differ")

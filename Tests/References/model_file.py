"""A model file as a Python program would write it, and the loss and logits that PyTorch computes with it.

    pip install torch safetensors numpy
    python Tests/References/model_file.py    # writes Tests/ChargenTestSupport/Golden/torch.safetensors.golden and torch.json

Neither of the two biases is zero, as in models that PyTorch has trained.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file

torch.manual_seed(3)
vocabulary, H = "\n ,abcdehilo分开", 11
V = len(vocabulary)
rnn, output = torch.nn.LSTM(V, H), torch.nn.Linear(H, V)
with torch.no_grad():
    for parameter in [*rnn.parameters(), *output.parameters()]:
        parameter.copy_(torch.randn_like(parameter) * 0.6)
tokens = torch.randint(V, (201,))
with torch.no_grad():
    logits = output(rnn(torch.nn.functional.one_hot(tokens[:-1], V).float())[0])
loss = torch.nn.functional.cross_entropy(logits, tokens[1:]).item()

golden = pathlib.Path(__file__).parent.parent / "ChargenTestSupport" / "Golden"
tensors = {f"rnn.{name}": t for name, t in rnn.state_dict().items()}
tensors |= {f"output.{name}": t for name, t in output.state_dict().items()}
save_file(tensors, golden / "torch.safetensors.golden", metadata={
    "chargen.format": "1",
    "chargen.network": json.dumps(dict(cell="lstm", layers=1, hidden=H, input="one-hot", vocabulary_size=V)),
    "chargen.vocabulary": json.dumps(list(vocabulary)),
    "chargen.text": json.dumps(dict(line_breaks="keep")),
    "chargen.sampling": json.dumps(dict(greedy=False, temperature=0.8)),
})
(golden / "torch.json").write_text(json.dumps(dict(
    text="".join(vocabulary[t] for t in tokens), loss=loss,
    logits=[float(f"{x:.7g}") for x in logits.flatten().tolist()])) + "\n")

"""The work that every program is timed on: cell, vocabulary V, hidden units H, layers L, batch N, steps T.

Sources/Benchmarks/Work has the same tables in Swift; the benchmark stops when the two differ.
"""

TRAIN = {
    "seed": dict(cell="lstm", V=1027, H=256, L=1, N=32, T=35),
    "small": dict(cell="lstm", V=65, H=128, L=2, N=50, T=50),
    "large": dict(cell="lstm", V=65, H=512, L=2, N=64, T=128),
    "2x1024": dict(cell="lstm", V=65, H=1024, L=2, N=64, T=128),
    "small-gru": dict(cell="gru", V=65, H=128, L=2, N=50, T=50),
    "small-rnn": dict(cell="rnn", V=65, H=128, L=2, N=50, T=50),
    "large-gru": dict(cell="gru", V=65, H=512, L=2, N=64, T=128),
    "large-rnn": dict(cell="rnn", V=65, H=512, L=2, N=64, T=128),
}
# Sampling is from LSTMs.
SAMPLE = {
    "v65-1x256": dict(V=65, H=256, L=1),
    "v65-2x512": dict(V=65, H=512, L=2),
    "v1027-1x256": dict(V=1027, H=256, L=1),
}

# Width of the embedding, where the input is one.
EMBEDDING = 64

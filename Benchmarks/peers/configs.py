"""The work of the benchmark: cell, vocabulary V, hidden units H, layers L, batch N, steps T.

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
    "1x512": dict(cell="lstm", V=65, H=512, L=1, N=32, T=64),
    "mlstm": dict(cell="mlstm", V=65, H=512, L=1, N=32, T=64),
    "mlstm-norm": dict(cell="mlstm-norm", V=65, H=512, L=1, N=32, T=64),
}
# A classifier of texts: embedding of width D, LSTM, dense layer of F units with relu, softmax of C classes, and a dropout
# after each layer but the last. lengths() gives the tokens of each text; a batch of N is padded to its longest.
CLASSIFY = {"reviews": dict(V=577, D=32, H=64, F=32, C=2, N=32)}
DROPOUT = 0.3
# A stack of L layers of LSTM over an embedding of width D and T tokens; the last output goes to a softmax of C classes.
STACK = {"sequential": dict(V=1000, D=64, H=256, L=2, C=10, N=32, T=64)}
# Sampling is from LSTMs.
SAMPLE = {
    "v65-1x256": dict(V=65, H=256, L=1),
    "v65-2x512": dict(V=65, H=512, L=2),
    "v1027-1x256": dict(V=1027, H=256, L=1),
}

# Width of the embedding, for inputs that are embedded.
EMBEDDING = 64

# The number of texts, of 100, with 5, 6, … 20 tokens: about the distribution in corpora/reviews.tsv.
LENGTH_SHARES = [1, 2, 3, 7, 7, 12, 14, 14, 13, 10, 7, 4, 2, 2, 1, 1]
# The number of batches, which are used in turn.
BATCHES = 20


def lengths(N):
    """The tokens of each text, for BATCHES batches of N texts: the same numbers in Swift, by the same generator."""
    texts = [5 + index for index, share in enumerate(LENGTH_SHARES) for _ in range(share)]
    state, batches = 1, []
    for _ in range(BATCHES):
        batch = []
        for _ in range(N):
            state = (state * 1_103_515_245 + 12_345) % 2**31
            batch.append(texts[(state >> 16) % len(texts)])
        batches.append(batch)
    return batches

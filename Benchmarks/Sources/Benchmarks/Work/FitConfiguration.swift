/// A classifier of token sequences and the batches it is trained on: work of a known size.
struct FitConfiguration {
    let name: String
    /// Distinct tokens, V.
    let vocabulary: Int
    /// Width of the embedding, D.
    let embedding: Int
    /// Units of each LSTM, H.
    let hidden: Int
    /// Recurrent layers, L.
    let layers: Int
    /// Units of the dense layer before the last, F; nil for none.
    let dense: Int?
    /// Classes of the softmax, C.
    let classes: Int
    /// Sequences of a batch, N.
    let batch: Int
    /// Tokens of each sequence, T; nil where they have different lengths and are padded.
    let steps: Int?
    /// Share of the embeddings, outputs and dense units that training drops; 0 for none.
    let dropout: Double
    let learningRate: Double
    /// Largest global norm of the gradient; 0 for no limit.
    let clipNorm: Double

    /// The classifier that `chargen classify train corpora/reviews.tsv` trains.
    static let reviews = Self(
        name: "reviews", vocabulary: 577, embedding: 32, hidden: 64, layers: 1, dense: 32, classes: 2, batch: 32,
        steps: nil, dropout: 0.3, learningRate: 1e-2, clipNorm: 1)
    /// A stack of two LSTMs of which the first returns its output at every step.
    static let sequential = Self(
        name: "sequential", vocabulary: 1000, embedding: 64, hidden: 256, layers: 2, dense: nil, classes: 10, batch: 32,
        steps: 64, dropout: 0, learningRate: 1e-3, clipNorm: 0)

    /// All of them, in the order of the tables.
    static let all = [reviews, sequential]

    /// The sizes under the names of `peers/configs.py`.
    var sizes: [String: Int] {
        var sizes = ["V": vocabulary, "D": embedding, "H": hidden, "C": classes, "N": batch]
        sizes["F"] = dense
        sizes["T"] = steps
        // Only a stack has its number of layers there.
        if steps != nil { sizes["L"] = layers }
        return sizes
    }

    /// The sizes as people write them.
    var sizesText: String {
        let length = steps.map { "\($0)" } ?? "5 to 20"
        return "V \(vocabulary), embedding \(embedding), \(layers)×\(hidden), batches of \(batch)×\(length)"
    }

    /// Floating-point operations per sequence: forward, and twice that backward. Padding counts as none.
    var operationsPerExample: Double {
        let perToken = (0..<layers).reduce(0) { sum, layer in
            sum + 2 * ((layer == 0 ? embedding : hidden) + hidden) * Cell.lstm.gates * hidden
        }
        let last = dense.map { 2 * (hidden * $0 + $0 * classes) } ?? 2 * hidden * classes
        let lengths = lengths
        let meanLength = Double(lengths.reduce(0, +)) / Double(lengths.count)
        return 3 * (Double(perToken) * meanLength + Double(last))
    }
}

// MARK: - Sequences

extension FitConfiguration {
    /// Batches that are trained on by turns.
    private static let batches = 20
    /// How many of 100 texts have so many tokens, from 5 to 20: about as in `corpora/reviews.tsv`.
    private static let lengthShares = [1, 2, 3, 7, 7, 12, 14, 14, 13, 10, 7, 4, 2, 2, 1, 1]

    /// The number of tokens of each sequence, batch by batch: those of `peers/configs.py`, by the same generator.
    var lengths: [Int] {
        if let steps { return Array(repeating: steps, count: Self.batches * batch) }
        let texts = Self.lengthShares.enumerated().flatMap { Array(repeating: 5 + $0.offset, count: $0.element) }
        var state = 1
        return (0..<Self.batches * batch).map { _ in
            state = (state * 1_103_515_245 + 12_345) % (1 << 31)
            return texts[(state >> 16) % texts.count]
        }
    }
}

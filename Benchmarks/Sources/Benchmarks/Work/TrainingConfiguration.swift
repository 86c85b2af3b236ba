/// A model and a batch to train it on: work of a known size.
struct TrainingConfiguration {
    let name: String
    /// The recurrent cell.
    var cell = Cell.lstm
    /// Distinct characters, V.
    let vocabulary: Int
    /// Units of a layer, H.
    let hidden: Int
    /// Recurrent layers, L.
    let layers: Int
    /// Streams of a batch, N.
    let batch: Int
    /// Time steps of a batch, T.
    let steps: Int

    /// The experiment of the course notes on lyrics.
    static let seed = Self(name: "seed", vocabulary: 1027, hidden: 256, layers: 1, batch: 32, steps: 35)
    /// The defaults of char-rnn.
    static let small = Self(name: "small", vocabulary: 65, hidden: 128, layers: 2, batch: 50, steps: 50)
    /// A model for long training runs.
    static let large = Self(name: "large", vocabulary: 65, hidden: 512, layers: 2, batch: 64, steps: 128)
    /// `large` with twice the units: shows whether speed holds when the weights outgrow the caches.
    static let twoLayersOf1024 = Self(name: "2x1024", vocabulary: 65, hidden: 1024, layers: 2, batch: 64, steps: 128)

    /// One layer of LSTM, to compare with those of multiplicative LSTMs.
    static let oneLayerOf512 = Self(name: "1x512", vocabulary: 65, hidden: 512, layers: 1, batch: 32, steps: 64)

    /// All of them, in the order of the tables.
    static let all = [
        seed, small, large, twoLayersOf1024,
        small.with(.gru), small.with(.rnn), large.with(.gru), large.with(.rnn),
        oneLayerOf512, oneLayerOf512.with(.mlstm, name: "mlstm"), oneLayerOf512.with(.normalizedMLSTM, name: "mlstm-norm"),
    ]

    /// The same sizes with another cell, which the name tells.
    private func with(_ cell: Cell, name: String? = nil) -> Self {
        Self(
            name: name ?? "\(self.name)-\(cell.rawValue)", cell: cell, vocabulary: vocabulary, hidden: hidden, layers: layers,
            batch: batch, steps: steps)
    }

    /// Floating-point operations per character: forward, and twice that backward. A one-hot input, `embedding` nil, is
    /// a gather and counts as none.
    func operationsPerCharacter(embedding: Int?) -> Double {
        let recurrent = (0..<layers).reduce(0) { sum, layer in
            sum + 2 * ((layer == 0 ? embedding ?? 0 : hidden) + hidden) * cell.gates * hidden
        }
        return 3 * Double(recurrent + 2 * hidden * vocabulary)
    }
}

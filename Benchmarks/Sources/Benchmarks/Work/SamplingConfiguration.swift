/// A model that generates text.
struct SamplingConfiguration {
    let name: String
    /// Distinct characters, V.
    let vocabulary: Int
    /// Units of a layer, H.
    let hidden: Int
    /// Layers of the LSTM, L.
    let layers: Int

    /// All of them, in the order of the tables.
    static let all = [
        Self(name: "v65-1x256", vocabulary: 65, hidden: 256, layers: 1),
        Self(name: "v65-2x512", vocabulary: 65, hidden: 512, layers: 2),
        Self(name: "v1027-1x256", vocabulary: 1027, hidden: 256, layers: 1),
    ]

    /// Floating-point operations per character, with a one-hot input, which counts as none.
    var operationsPerCharacter: Double {
        Double(2 * hidden * 4 * hidden * (2 * layers - 1) + 2 * hidden * vocabulary)
    }
}

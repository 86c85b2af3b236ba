import ChargenNN
import ChargenTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The state of one stream of a model: all that follows from the tokens that it has read, the recurrent state and the
/// logits of the next token.
///
///     let state = try model.read("Once upon a time")
///     let first = try model.stream(from: state, seed: 1), second = try model.stream(from: state, seed: 2)
///
/// A state is a value. It can be copied, kept, sent to another thread, and written to a file with `Codable`; a copy continues
/// independently. It belongs to the model that made it, and takes 4 · (L·H + V) bytes, with cell states 4 · (2·L·H + V).
public struct StreamState: Sendable, Equatable {
    /// The kind of recurrent cell.
    public let cell: RNNConfiguration.Cell
    /// Recurrent layers, L.
    public let layers: Int
    /// Units of each layer, H.
    public let hiddenSize: Int
    /// Tokens of the model, V.
    public let vocabularySize: Int
    /// The number of tokens that were read.
    public let tokensRead: Int
    /// Hidden states `[L, H]`, then the cell states `[L, H]` of an LSTM.
    package let recurrent: [Float]
    /// The logits `[V]` of the next token; empty where nothing was read yet.
    public let logits: [Float]

    package init(_ configuration: RNNConfiguration, tokensRead: Int, recurrent: [Float], logits: [Float]) {
        cell = configuration.cell
        layers = configuration.layers
        hiddenSize = configuration.hiddenSize
        vocabularySize = configuration.vocabularySize
        self.tokensRead = tokensRead
        self.recurrent = recurrent
        self.logits = logits
    }

    /// The hidden states, `[L, H]`.
    public var hidden: Tensor {
        Tensor(shape: [layers, hiddenSize], values: Array(recurrent[..<(layers * hiddenSize)]))
    }

    /// The cell states of an LSTM, `[L, H]`; nil for other cells.
    public var cellState: Tensor? {
        guard recurrent.count > layers * hiddenSize else { return nil }
        return Tensor(shape: [layers, hiddenSize], values: Array(recurrent[(layers * hiddenSize)...]))
    }

    /// Checks that the state is one of a model.
    /// - Throws: ``SamplingError/otherModel(state:model:)``.
    package func check(_ configuration: RNNConfiguration) throws {
        let expected = configuration.stateDescription
        guard description == expected else { throw SamplingError.otherModel(state: description, model: expected) }
    }

    /// The numbers of tokens that decoding accepts: so few that counting on from them cannot overflow.
    private static let tokensReadRange = 0...(1 << 53)

    private var description: String {
        RNNConfiguration.stateDescription(cell, layers: layers, hiddenSize, vocabularySize)
    }
}

extension RNNConfiguration {
    /// What the states of a model have in common, in words.
    fileprivate var stateDescription: String { Self.stateDescription(cell, layers: layers, hiddenSize, vocabularySize) }

    fileprivate static func stateDescription(
        _ cell: RNNConfiguration.Cell, layers: Int, _ hiddenSize: Int, _ vocabularySize: Int
    ) -> String {
        "\(layers) × \(cell.rawValue) of \(hiddenSize) units and \(vocabularySize) tokens"
    }

    /// Numbers in the recurrent state of one stream.
    fileprivate var stateCount: Int {
        layers * hiddenSize * (cell.layer(units: hiddenSize).options.kind.hasCellState ? 2 : 1)
    }
}

// MARK: - Codable

extension StreamState: Codable {
    private enum CodingKeys: String, CodingKey {
        case cell, layers, hiddenSize, vocabularySize, tokensRead, recurrent, logits
    }

    /// Encodes the state. Numbers are encoded as their bytes (float32, little-endian), base64 in JSON.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(cell, forKey: .cell)
        try values.encode(layers, forKey: .layers)
        try values.encode(hiddenSize, forKey: .hiddenSize)
        try values.encode(vocabularySize, forKey: .vocabularySize)
        try values.encode(tokensRead, forKey: .tokensRead)
        for (key, numbers) in [(CodingKeys.recurrent, recurrent), (.logits, logits)] {
            let words = numbers.map { $0.bitPattern.littleEndian }
            try values.encode(words.withUnsafeBytes { Data($0) }, forKey: key)
        }
    }

    /// Decodes a state.
    /// - Throws: `DecodingError` where sizes are out of range or do not fit together, or where a number of the recurrent state
    ///   is not one that the model can have.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func broken(_ key: CodingKeys, _ reason: String) -> DecodingError {
            DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: reason)
        }
        func numbers(_ key: CodingKeys) throws -> [Float] {
            let bytes = try values.decode(Data.self, forKey: key)
            guard bytes.count % 4 == 0 else { throw broken(key, "\(bytes.count) bytes are no float32 numbers") }
            return bytes.withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map {
                    Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
        }
        let configuration: RNNConfiguration
        do {
            configuration = try RNNConfiguration(
                cell: values.decode(RNNConfiguration.Cell.self, forKey: .cell),
                vocabularySize: values.decode(Int.self, forKey: .vocabularySize),
                hiddenSize: values.decode(Int.self, forKey: .hiddenSize),
                layers: values.decode(Int.self, forKey: .layers))
        } catch let error as ModelError {
            throw broken(.cell, error.description)
        }
        let read = try values.decode(Int.self, forKey: .tokensRead)
        let recurrent = try numbers(.recurrent), logits = try numbers(.logits)
        guard recurrent.count == configuration.stateCount else {
            throw broken(.recurrent, "\(recurrent.count) numbers instead of \(configuration.stateCount)")
        }
        guard recurrent.allSatisfy(\.isFinite) else { throw broken(.recurrent, "a number is not finite") }
        // The hidden states of all cells are at most one, up to rounding; sampling in int8 relies on it.
        guard recurrent.prefix(configuration.layers * configuration.hiddenSize).allSatisfy({ abs($0) < 1.001 }) else {
            throw broken(.recurrent, "a hidden state is not in -1...1")
        }
        guard Self.tokensReadRange ~= read else { throw broken(.tokensRead, "\(read) tokens are out of range") }
        guard logits.count == (read == 0 ? 0 : configuration.vocabularySize) else {
            throw broken(.logits, "\(logits.count) logits after \(read) tokens")
        }
        self.init(configuration, tokensRead: read, recurrent: recurrent, logits: logits)
    }
}

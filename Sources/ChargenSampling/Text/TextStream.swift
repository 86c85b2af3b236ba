import ChargenDevice
import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenText

/// The endless text that a model generates after a prefix, character by character.
///
///     for character in try model.stream(after: "The ", seed: 1).prefix(200) { print(character, terminator: "") }
///
/// A stream is read once: it is its own iterator. It ends only if the model's predictions are not finite or filters leave no
/// character; ``error`` then says so. ``state`` is the state after the characters that were drawn, from which other streams
/// can start. It is not `Sendable`: one thread uses it at a time. In an asynchronous function, use
/// ``ChargenModels/CharacterModel/characters(after:options:filters:seed:stream:precision:device:)``.
public final class TextStream: Sequence, IteratorProtocol {
    private let model: CharacterModel
    private var sampler: Sampler

    init(_ model: CharacterModel, _ sampler: Sampler) {
        self.model = model
        self.sampler = sampler
    }

    /// Draws the next character; nil where that is not possible, whose reason is then in ``error``.
    public func next() -> Character? { sampler.next().map { model.vocabulary.characters[Int($0)] } }

    /// The error that has ended the text; nil while it goes on.
    public var error: SamplingError? { sampler.error }

    /// The state after the prefix and the characters that were drawn.
    public var state: StreamState { sampler.state() }
}

extension CharacterModel {
    /// The endless text after `prefix`. The same seed gives the same text.
    ///
    /// If the prefix is empty, the model first reads a character that is not part of the text: a line break, or, if the
    /// vocabulary has none, the character with the largest output bias.
    /// - Parameters:
    ///   - prefix: What the model reads first; it is not part of the text.
    ///   - options: The options for choosing characters; by default those of the model.
    ///   - filters: Filters that are applied before those of the options.
    ///   - seed: The seed of the random numbers; by default a new one each time.
    ///   - stream: Selects one of many independent sequences of random numbers of `seed`.
    ///   - precision: The precision of the weights.
    ///   - device: The device that computes. The text does not depend on its threads.
    /// - Throws: `TextError.unknownCharacters`, ``SamplingError`` if an option is out of range, `BackendError`.
    public func stream(
        after prefix: String = "", options: SamplingOptions? = nil, filters: [any LogitsFilter] = [],
        seed: UInt64 = .random(in: 0...UInt64(UInt32.max)), stream: UInt64 = 0,
        precision: StreamPrecision = .automatic, device: Device = .default
    ) throws -> TextStream {
        let start = try startTokens(prefix: prefix)
        var sampler = try Sampler(
            network, options: options ?? sampling, filters: filters, seed: seed, stream: stream, precision: precision,
            device: device)
        try sampler.start(with: start)
        return TextStream(self, sampler)
    }

    /// The endless text that continues what `state` has read.
    /// - Throws: ``SamplingError`` if an option is out of range, if the state is one of another model, or if it has read
    ///   nothing; `BackendError`.
    public func stream(
        from state: StreamState, options: SamplingOptions? = nil, filters: [any LogitsFilter] = [],
        seed: UInt64 = .random(in: 0...UInt64(UInt32.max)), stream: UInt64 = 0,
        precision: StreamPrecision = .automatic, device: Device = .default
    ) throws -> TextStream {
        var sampler = try Sampler(
            network, options: options ?? sampling, filters: filters, seed: seed, stream: stream, precision: precision,
            device: device)
        try sampler.start(from: state)
        return TextStream(self, sampler)
    }

    /// Reads `text` and returns the state after it: a value, from which any number of texts can start.
    ///
    ///     let state = try model.read("Once upon a time")
    ///     print(String(try model.stream(from: state, seed: 1).prefix(100)))
    ///
    /// - Parameters:
    ///   - text: The text to read.
    ///   - state: The state to start from; nil for the beginning, where an empty text is read as an empty prefix is.
    ///   - precision: The precision of the weights. A state should be continued in the precision that made it.
    ///   - device: The device that computes.
    /// - Throws: `TextError.unknownCharacters`, ``SamplingError/otherModel(state:model:)``, `BackendError`;
    ///   `CancellationError` where the current task is cancelled while a long text is read.
    public func read(
        _ text: String, from state: StreamState? = nil, precision: StreamPrecision = .automatic,
        device: Device = .default
    ) throws -> StreamState {
        let tokens = try state == nil ? startTokens(prefix: text) : encode(text)
        let decoder = try TokenDecoder(network, precision: precision, device: device)
        let slot = try decoder.join(state)
        try decoder.read(tokens, in: slot)
        return try decoder.state(of: slot)
    }

    /// Returns the tokens that the model reads before it generates: those of `prefix`, or ``silentStart`` if it is empty.
    /// - Throws: `TextError.unknownCharacters`.
    func startTokens(prefix: String) throws -> [Int32] {
        let tokens = try encode(prefix)
        return tokens.isEmpty ? [try silentStart] : tokens
    }

    /// The token that the model reads before a text without a prefix; it is not part of the text.
    var silentStart: Int32 {
        get throws {
            if let lineBreak = vocabulary.id(of: "\n") { return lineBreak }
            // Up to a constant, the output bias is the log-probability of a character without context.
            let bias = try network.tensors.last { $0.name == "output.bias" }?.tensor.values ?? []
            return Int32(bias.indices.max { bias[$0] < bias[$1] } ?? 0)
        }
    }
}

import ChargenDevice
import ChargenModels
import ChargenTensor

/// The endless text that a model generates after a prefix, as an asynchronous sequence of characters.
///
///     for try await character in try model.characters(after: "The ", seed: 1).prefix(200) {
///         print(character, terminator: "")
///     }
///
/// Each character takes microseconds to milliseconds of computation on the thread that asks for it; every few characters the
/// iteration lets other tasks run. A cancelled task ends the iteration with `CancellationError`, also while a long prefix is
/// read. Each iteration begins the same text anew.
public struct CharacterSequence: AsyncSequence, Sendable {
    /// Opens the text.
    private let open: @Sendable () throws -> TextStream

    init(_ open: @escaping @Sendable () throws -> TextStream) { self.open = open }

    /// Begins the text.
    public func makeAsyncIterator() -> Iterator { Iterator(open: open) }

    /// An iteration over the characters of the text.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let open: @Sendable () throws -> TextStream
        private var stream: TextStream?
        private var count = 0

        fileprivate init(open: @escaping @Sendable () throws -> TextStream) { self.open = open }

        /// The number of characters after which other tasks may run.
        private static let charactersAtOnce = 16

        /// Draws the next character.
        /// - Throws: `CancellationError`; ``SamplingError`` where the model's predictions are not finite or filters leave no
        ///   character; what opening the text throws.
        public mutating func next() async throws -> Character? {
            if count % Self.charactersAtOnce == 0 { await Task.yield() }
            try Task.checkCancellation()
            count += 1
            let stream = try stream ?? open()
            self.stream = stream
            let character = stream.next()
            if let error = stream.error { throw error }
            return character
        }
    }
}

extension CharacterModel {
    /// The endless text after `prefix`, as an asynchronous sequence. The same seed gives the same text as
    /// ``stream(after:options:filters:seed:stream:precision:device:)``, whose parameters it has.
    /// - Throws: `TextError.unknownCharacters`, ``SamplingError`` if an option is out of range.
    public func characters(
        after prefix: String = "", options: SamplingOptions? = nil, filters: [any LogitsFilter] = [],
        seed: UInt64 = .random(in: 0...UInt64(UInt32.max)), stream: UInt64 = 0,
        precision: StreamPrecision = .automatic, device: Device = .default
    ) throws -> CharacterSequence {
        _ = try encode(prefix)
        _ = try (options ?? sampling).filters()
        return CharacterSequence {
            try self.stream(
                after: prefix, options: options, filters: filters, seed: seed, stream: stream, precision: precision,
                device: device)
        }
    }
}

import ChargenDevice
import ChargenNN
import ChargenTensor
import Synchronization

/// Reads tokens with a model, in any number of streams side by side that join and leave between any two steps.
///
///     let decoder = try TokenDecoder(model)
///     let first = try decoder.join(), second = try decoder.join()
///     try decoder.step([3, 1], in: [first, second])
///     print(try decoder.logits(of: first))
///     let state = try decoder.state(of: first)   // a value, from which another stream can start
///
/// A step advances the streams that it names as one matrix product over their states; the others stay as they are. The
/// numbers of a stream do not depend on its neighbours, on their number, or on the number of threads. All decoders of a model
/// share its weights, so a decoder takes memory for its states only. A decoder is not `Sendable`: one thread uses it at a
/// time.
public final class TokenDecoder {
    /// A stream of a decoder.
    public struct Slot: Hashable, Sendable {
        /// A number that no slot of another decoder has.
        private let id = Self.ids.wrappingAdd(1, ordering: .relaxed).newValue
        private static let ids = Atomic<UInt64>(0)

        fileprivate init() {}
    }

    /// The architecture of the model.
    public let configuration: RNNConfiguration
    package let backend: any Backend
    private let weights: any DecodingWeights
    private var streams: any DecodingStreams
    /// The streams, in the order of their rows.
    private var rows: [Slot] = []
    /// The row of each stream.
    private var places: [Slot: Int] = [:]
    /// The number of tokens that the stream of each row has read.
    private var tokensRead: [Int] = []
    /// One token; memory that is reused.
    private var token: [Int32] = [0]

    /// The number of streams that a decoder may have.
    public static let slotRange = 0...65_536

    /// Creates a decoder without streams.
    /// - Parameters:
    ///   - model: the model whose weights the decoder reads with.
    ///   - precision: the precision of the weights.
    ///   - device: the device that computes.
    ///   - capacity: the number of streams that memory is allocated for at first. It grows when more join.
    /// - Throws: `BackendError`.
    public convenience init(
        _ model: RNNModel, precision: StreamPrecision = .automatic, device: Device = .default, capacity: Int = 1
    ) throws {
        self.init(
            model.configuration, try model.decodingWeights(precision, device), on: try device.backend(),
            capacity: capacity)
    }

    /// Creates a decoder that reads with `weights`, which `backend` has made.
    package init(
        _ configuration: RNNConfiguration, _ weights: any DecodingWeights, on backend: any Backend, capacity: Int = 1
    ) {
        self.configuration = configuration
        self.backend = backend
        self.weights = weights
        streams = backend.makeStreams(weights, capacity: max(1, min(capacity, Self.slotRange.upperBound)))
    }

    /// The number of streams.
    public var slotCount: Int { rows.count }

    /// Adds a stream that has read nothing, or one that continues from `state`.
    /// - Throws: ``SamplingError/otherModel(state:model:)``, ``SamplingError/outOfRange(option:value:allowed:)`` for too many
    ///   streams.
    public func join(_ state: StreamState? = nil) throws -> Slot {
        try state?.check(configuration)
        guard rows.count < Self.slotRange.upperBound else {
            throw SamplingError.outOfRange(
                option: "streams", value: "\(rows.count + 1)", allowed: "up to \(Self.slotRange.upperBound)")
        }
        if rows.count == streams.capacity {
            streams = copyOfStreams(capacity: min(2 * streams.capacity, Self.slotRange.upperBound))
        }
        let slot = Slot(), row = rows.count
        rows.append(slot)
        places[slot] = row
        tokensRead.append(0)
        set(row, state)
        return slot
    }

    /// Removes a stream.
    /// - Throws: ``SamplingError/unknownSlot``.
    public func leave(_ slot: Slot) throws {
        let row = try place(of: slot), last = rows.count - 1
        exchange(row, last)
        rows.removeLast()
        tokensRead.removeLast()
        places[slot] = nil
    }

    /// Reads one token in each of `slots`, in that order.
    /// - Throws: `LayerError.unknownToken` for a token that the model does not know, ``SamplingError/unknownSlot`` for a stream
    ///   that has left, or that is named twice; nothing is read then.
    public func step(_ tokens: [Int32], in slots: [Slot]) throws {
        guard tokens.count == slots.count else {
            throw LayerError.wrongShape(what: "the tokens", found: [tokens.count], expected: [slots.count])
        }
        try check(tokens)
        for slot in slots { _ = try place(of: slot) }
        guard Set(slots).count == slots.count else { throw SamplingError.unknownSlot }
        for (row, slot) in slots.enumerated() { exchange(row, places[slot]!) }
        advance(tokens)
    }

    /// Reads several tokens in one stream. The logits are computed for the last one only.
    /// - Throws: `LayerError.unknownToken`, ``SamplingError/unknownSlot``; nothing is read then. `CancellationError` where the
    ///   current task is cancelled while many tokens are read.
    public func read(_ tokens: [Int32], in slot: Slot) throws {
        try check(tokens)
        try read(tokens, inRow: try place(of: slot))
    }

    /// The state of a stream, from which others can start.
    /// - Throws: ``SamplingError/unknownSlot``.
    public func state(of slot: Slot) throws -> StreamState { state(ofRow: try place(of: slot)) }

    /// Puts a stream into another state.
    /// - Throws: ``SamplingError/unknownSlot``, ``SamplingError/otherModel(state:model:)``.
    public func set(_ state: StreamState, in slot: Slot) throws {
        try state.check(configuration)
        set(try place(of: slot), state)
    }

    /// The logits `[V]` of the next token of a stream.
    /// - Throws: ``SamplingError/unknownSlot``, ``SamplingError/nothingRead`` for a stream that has read no token.
    public func logits(of slot: Slot) throws -> [Float] {
        let row = try place(of: slot)
        guard tokensRead[row] > 0 else { throw SamplingError.nothingRead }
        return logits(ofRow: row)
    }
}

// MARK: - Rows

extension TokenDecoder {
    /// Reads one token in each of the first rows: the streams in the order in which they joined, if none has left and no step
    /// named them in another order. The tokens must be tokens of the model.
    package func advance(_ tokens: [Int32]) {
        precondition(tokens.count <= rows.count, "\(tokens.count) tokens for \(rows.count) streams")
        streams.step(tokens, computesLogits: true)
        for row in tokens.indices { tokensRead[row] += 1 }
    }

    /// Reads several tokens of the model in the stream in a row, which moves to row 0.
    /// - Throws: `CancellationError`.
    package func read(_ tokens: [Int32], inRow row: Int) throws {
        exchange(0, row)
        let isLong = tokens.count > Self.tokensBetweenChecks, before = isLong ? state(ofRow: 0) : nil
        for (index, next) in tokens.enumerated() {
            if isLong && index % Self.tokensBetweenChecks == 0 && Task.isCancelled {
                set(0, before)
                throw CancellationError()
            }
            token[0] = next
            streams.step(token, computesLogits: index == tokens.count - 1)
        }
        tokensRead[0] += tokens.count
    }

    /// The number of tokens that are read without a look at the task's cancellation.
    private static let tokensBetweenChecks = 256

    /// A decoder with the same streams in the same states, which continues on its own.
    package func copy() -> TokenDecoder {
        let copy = TokenDecoder(configuration, weights, on: backend)
        copy.streams = copyOfStreams(capacity: streams.capacity)
        copy.rows = rows
        copy.places = places
        copy.tokensRead = tokensRead
        return copy
    }

    /// The same states in other memory.
    private func copyOfStreams(capacity: Int) -> any DecodingStreams {
        let copy = backend.makeStreams(weights, capacity: capacity)
        for row in rows.indices {
            copy.set(row: row, state: streams.state(ofRow: row), logits: logits(ofRow: row))
        }
        return copy
    }

    /// The state of the stream in a row.
    package func state(ofRow row: Int) -> StreamState {
        StreamState(
            configuration, tokensRead: tokensRead[row], recurrent: streams.state(ofRow: row),
            logits: tokensRead[row] == 0 ? [] : logits(ofRow: row))
    }

    /// Puts the stream in a row into another state, or back to the beginning where there is none.
    package func set(_ row: Int, _ state: StreamState?) {
        let zeros = state == nil ? [Float](repeating: 0, count: streams.shape.stateCount) : []
        streams.set(
            row: row, state: state?.recurrent ?? zeros, logits: state.flatMap { $0.logits.isEmpty ? nil : $0.logits })
        tokensRead[row] = state?.tokensRead ?? 0
    }

    /// The number of tokens that the stream in a row has read.
    package func tokensRead(inRow row: Int) -> Int { tokensRead[row] }

    /// Overwrites `logits` with those of a row.
    package func copyLogits(ofRow row: Int, to logits: inout [Float]) { streams.copyLogits(ofRow: row, to: &logits) }

    /// Calls `body` once for each of the first `count` rows, on the backend's threads, with a copy of its logits.
    package func forEachRow(_ count: Int, _ body: @Sendable (Int, inout [Float]) -> Void) {
        streams.forEachRow(count, body)
    }

    private func logits(ofRow row: Int) -> [Float] {
        var logits = [Float](repeating: 0, count: configuration.vocabularySize)
        streams.copyLogits(ofRow: row, to: &logits)
        return logits
    }

    private func place(of slot: Slot) throws -> Int {
        guard let place = places[slot] else { throw SamplingError.unknownSlot }
        return place
    }

    /// Checks that all tokens are tokens of the model.
    /// - Throws: `LayerError.unknownToken`.
    package func check(_ tokens: [Int32]) throws { try configuration.check(tokens) }

    private func exchange(_ first: Int, _ second: Int) {
        guard first != second else { return }
        streams.swapRows(first, second)
        rows.swapAt(first, second)
        tokensRead.swapAt(first, second)
        places[rows[first]] = first
        places[rows[second]] = second
    }

}

extension RNNConfiguration {
    /// Checks that all tokens are tokens of the model.
    /// - Throws: `LayerError.unknownToken`.
    func check(_ tokens: [Int32]) throws {
        let allowed = 0..<vocabularySize
        for (index, token) in tokens.enumerated() where !allowed.contains(Int(token)) {
            throw LayerError.unknownToken(token, sequence: 0, step: index, allowed: allowed)
        }
    }
}

import CChargenKernels
import ChargenTensor

/// The states of streams in the processor's memory.
final class CPUStreams: DecodingStreams {
    let capacity: Int
    private let backend: CPUBackend
    private let weights: CPUDecodingWeights
    private var streams = ck_streams()
    private let layers: UnsafeMutableBufferPointer<ck_stream_state>
    /// `[N, V]`.
    private let logits: Matrix
    /// The states `[N, H]` of each layer; nil where the cell has no cell state.
    private var states: [(hidden: Matrix, cell: Matrix?)] = []
    /// The memory that the C structures point to.
    private var memory: [CPUStorage] = []

    var shape: DecodingShape { weights.shape }

    init(_ weights: CPUDecodingWeights, capacity N: Int, on backend: CPUBackend) {
        precondition(N > 0, "\(N) streams")
        let shape = weights.shape
        capacity = N
        self.backend = backend
        self.weights = weights
        layers = .allocate(capacity: shape.layers)
        logits = backend.makeMatrix(N, shape.vocabulary)
        for index in 0..<shape.layers {
            let hidden = backend.makeMatrix(N, shape.units)
            let cell = shape.kind.hasCellState ? backend.makeMatrix(N, shape.units) : nil
            states.append((hidden, cell))
            var layer = ck_stream_state()
            layer.hidden = hidden.pointer
            layer.cell = cell?.pointer
            let k = weights.model.pointee.layers[index].weights.k
            layer.inputs = (makeInput(k), makeInput(k))
            let options = weights.model.pointee.layers[index]
            if options.is_apart != 0 && index > 0 {
                layer.below = makeInput(shape.units)
                layer.rows = numbers(N * shape.kind.inputs * shape.units)
            }
            if options.second.packed != nil {
                layer.intermediate = numbers(N * shape.units)
                layer.middle = makeInput(shape.units)
                layer.scales = numbers(N)
            }
            if options.gain != nil {
                layer.raw = numbers(N * ck_stream_packed_columns(backend.table, shape.units, options.gates))
            }
            layers.initializeElement(at: index, to: layer)
        }
        streams.model = UnsafePointer(weights.model)
        streams.N = N
        streams.states = layers.baseAddress
        streams.output_input = makeInput(shape.units)
        streams.gates = numbers(N * Int(CK_MAX_SLOTS) * shape.units)
        streams.zeros = UnsafeRawPointer(numbers(N)).assumingMemoryBound(to: Int32.self)
        streams.logits = logits.pointer
        streams.written = UnsafeMutableRawPointer(numbers((N + 3) / 4)).assumingMemoryBound(to: UInt8.self)
    }

    deinit { layers.deallocate() }

    func step(_ tokens: [Int32], computesLogits: Bool) {
        precondition(tokens.count <= capacity, "\(tokens.count) tokens for \(capacity) streams")
        for token in tokens { precondition(token >= 0 && Int(token) < shape.vocabulary, "token \(token) of \(shape)") }
        ck_stream_step(backend.team, backend.table, &streams, tokens.count, tokens, computesLogits ? 1 : 0)
    }

    /// The parts of a row's recurrent state, in their order: hidden states `[L, H]`, then cell states `[L, H]`.
    private var stateParts: [Matrix] { states.map(\.hidden) + states.compactMap(\.cell) }

    func state(ofRow row: Int) -> [Float] {
        let H = shape.units
        return [Float](unsafeUninitializedCapacity: shape.stateCount) { numbers, count in
            for (index, part) in stateParts.enumerated() {
                for unit in 0..<H { numbers[index * H + unit] = part[row..<row + 1].pointer[unit] }
            }
            count = shape.stateCount
        }
    }

    func copyLogits(ofRow row: Int, to logits: inout [Float]) {
        let from = self.logits[row..<row + 1]
        precondition(logits.count == from.count, "\(from.shape) logits copied to \(logits.count) numbers")
        logits.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: from.pointer, count: from.count) }
    }

    func set(row: Int, state: [Float], logits: [Float]?) {
        let H = shape.units
        precondition(state.count == shape.stateCount, "a state of \(state.count) numbers for \(shape)")
        state.withUnsafeBufferPointer { numbers in
            for (index, part) in stateParts.enumerated() {
                part[row..<row + 1].pointer.update(from: numbers.baseAddress! + index * H, count: H)
            }
        }
        if let logits { self.logits[row..<row + 1].assign(logits) }
        ck_stream_row_changed(&streams, row)
    }

    func swapRows(_ first: Int, _ second: Int) {
        for matrix in stateParts + [logits] {
            let (a, b) = (matrix[first..<first + 1].pointer, matrix[second..<second + 1].pointer)
            for column in 0..<matrix.columns { swap(&a[column], &b[column]) }
        }
        ck_stream_row_changed(&streams, first)
        ck_stream_row_changed(&streams, second)
    }

    func forEachRow(_ count: Int, _ body: @Sendable (Int, inout [Float]) -> Void) {
        precondition(count <= capacity, "\(count) rows of \(capacity)")
        let V = shape.vocabulary, logits = logits.pointer, rowsAtOnce = 4
        // The memory of a matrix is reachable from every thread; each row is read by one of them.
        nonisolated(unsafe) let source = UnsafePointer(logits)
        backend.workers.run((count + rowsAtOnce - 1) / rowsAtOnce, wide: count * V > Self.worthSharing) { item in
            var values = [Float](repeating: 0, count: V)
            for row in item * rowsAtOnce..<min((item + 1) * rowsAtOnce, count) {
                values.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: source + row * V, count: V) }
                body(row, &values)
            }
        }
    }

    /// Logits above which choosing tokens takes longer than to wake the team.
    private static let worthSharing = 1000

    private func numbers(_ count: Int) -> UnsafeMutablePointer<Float> {
        let storage = CPUStorage(count: count)
        memory.append(storage)
        return storage.pointer
    }

    private func makeInput(_ k: Int) -> ck_stream_input {
        let precision = weights.model.pointee.precision, stride = ck_stream_stride(precision, k)
        let bytes = UnsafeMutableRawPointer(numbers(capacity * stride / 4)).assumingMemoryBound(to: UInt8.self)
        return ck_stream_input(rows: bytes, stride: stride)
    }
}

extension CPUBackend {
    package func makeDecodingWeights(_ model: DecodingModel, precision: StreamPrecision) -> any DecodingWeights {
        CPUDecodingWeights(model, precision: precision, on: self)
    }

    package func makeStreams(_ weights: any DecodingWeights, capacity: Int) -> any DecodingStreams {
        guard let weights = weights as? CPUDecodingWeights else {
            preconditionFailure("\(type(of: weights)) are not weights of this backend")
        }
        return CPUStreams(weights, capacity: capacity, on: self)
    }

    package func softmaxWeights(of logits: inout [Float]) -> Float {
        logits.withUnsafeMutableBufferPointer {
            table.pointee.softmax_weights($0.count, $0.baseAddress, 1, $0.baseAddress)
        }
    }

    package func draw(from weights: [Float], below target: Double) -> Int { ck_draw(weights.count, weights, target) }
}

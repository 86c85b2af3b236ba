import CChargenKernels

/// N streams of one model, each of which reads one token per step. The model is a stack of recurrent layers and an output
/// layer; their weights are packed once, in a compact number format.
///
/// It is not `Sendable`: one thread at a time computes with it.
package final class Streams {
    /// The weights of one layer, which ``Streams`` copies. ``CellKind`` describes the layout of inputs and gates.
    package struct LayerWeights {
        /// First layer: the input's part of the pre-activations of each token, `[V, inputs·H]`. Other layers: the input
        /// kernel `[H, inputs·H]`.
        package var kernel: Matrix
        /// The recurrent kernel `[H, gates·H]`.
        package var recurrent: Matrix
        /// The bias `[1, inputs·H]`.
        package var bias: Matrix
        /// The recurrent bias `[1, gates·H]`, where the kind has one.
        package var recurrentBias: Matrix?

        package init(kernel: Matrix, recurrent: Matrix, bias: Matrix, recurrentBias: Matrix?) {
            self.kernel = kernel
            self.recurrent = recurrent
            self.bias = bias
            self.recurrentBias = recurrentBias
        }

        fileprivate func fits(_ kind: CellKind, units H: Int) -> Bool {
            guard recurrent.shape == [H, kind.gates * H], bias.count == kind.inputs * H else { return false }
            let recurrentCount = recurrentBias?.count ?? 0
            return recurrentCount == (kind.hasRecurrentBias ? kind.gates * H : 0) && kernel.columns == kind.inputs * H
        }
    }

    /// The number of streams, N.
    package let count: Int
    /// The logits `[N, V]` of the next token of each stream.
    package let logits: Matrix

    private let backend: CPUBackend
    private let kind: CellKind
    private let layers: UnsafeMutableBufferPointer<ck_stream_layer>
    private var streams: ck_streams
    /// The memory that the C structures point to.
    private var memory: [Storage] = []
    /// The states `[N, H]` of each layer.
    private var states: [(hidden: Matrix, cell: Matrix)] = []

    package init(
        kind: CellKind, layers: [LayerWeights], output: Matrix, outputBias: Matrix, count N: Int, precision: StreamPrecision,
        on backend: CPUBackend
    ) {
        let (H, V) = (output.rows, output.columns)
        precondition(
            N > 0 && !layers.isEmpty && outputBias.count == V
                && layers.allSatisfy { $0.fits(kind, units: H) }
                && layers.dropFirst().allSatisfy { $0.kernel.rows == H } && !kind.hasCandidate,
            "streams of \(layers.count) layers with output \(output.shape)")
        self.backend = backend
        self.kind = kind
        count = N
        logits = Matrix(rows: N, columns: V)
        self.layers = .allocate(capacity: layers.count)
        streams = ck_streams()
        streams.precision = precision.resolved(backend.table)
        streams.N = N
        streams.H = H
        streams.V = V
        streams.layer_count = layers.count
        streams.layers = self.layers.baseAddress
        for (index, layer) in layers.enumerated() { self.layers.initializeElement(at: index, to: make(layer, index)) }
        streams.output = pack(output, columns: V, gates: 0)
        streams.output_input = makeInput(H)
        streams.output_bias = keep(outputBias)
        streams.gates = numbers(N * 4 * H)
        streams.zeros = UnsafeRawPointer(numbers(N)).assumingMemoryBound(to: Int32.self)
        streams.logits = logits.pointer
        reset()
    }

    deinit { layers.deallocate() }

    /// Reads `tokens [N]`, one in each stream, and computes the new states and ``logits``.
    package func step(_ tokens: [Int32]) {
        precondition(tokens.count == count, "\(tokens.count) tokens for \(count) streams")
        ck_stream_step(backend.team, backend.table, &streams, tokens)
    }

    /// Sets the state of every stream to zero.
    package func reset() {
        for state in states {
            state.hidden.fill(0)
            state.cell.fill(0)
        }
        ck_stream_states_changed(backend.table, &streams)
    }

    /// Copies the states and logits of `other`, which has as many streams of the same model, or one stream that is copied to
    /// all.
    package func takeStates(of other: Streams) {
        precondition(
            other.states.count == states.count && [1, count].contains(other.count),
            "states of \(other.count) streams for \(count)")
        for (to, from) in zip(states, other.states) {
            for row in 0..<count {
                let source = other.count == 1 ? 0 : row
                to.hidden[row..<row + 1].assign(from.hidden[source..<source + 1])
                to.cell[row..<row + 1].assign(from.cell[source..<source + 1])
            }
        }
        for row in 0..<count {
            let source = other.count == 1 ? 0 : row
            logits[row..<row + 1].assign(other.logits[source..<source + 1])
        }
        ck_stream_states_changed(backend.table, &streams)
    }

    /// Replaces logits by their softmax weights `exp(logit − largest)` and returns the sum of the weights.
    package func softmaxWeights(of logits: inout [Float]) -> Float {
        logits.withUnsafeMutableBufferPointer {
            backend.table.pointee.softmax_weights($0.count, $0.baseAddress, 1, $0.baseAddress)
        }
    }
}

// MARK: - Memory

extension Streams {
    private func numbers(_ count: Int) -> UnsafeMutablePointer<Float> {
        let storage = Storage(count: count)
        memory.append(storage)
        return storage.pointer
    }

    /// Copies `matrix` to memory that exists as long as the streams.
    private func keep(_ matrix: Matrix) -> UnsafePointer<Float> {
        let copy = numbers(matrix.count)
        copy.update(from: matrix.pointer, count: matrix.count)
        return UnsafePointer(copy)
    }

    private func make(_ weights: LayerWeights, _ index: Int) -> ck_stream_layer {
        let (N, H) = (count, streams.H)
        var layer = ck_stream_layer()
        let state = (hidden: Matrix(rows: N, columns: H), cell: Matrix(rows: N, columns: H))
        states.append(state)
        layer.kind = kind.kernels
        layer.hidden = state.hidden.pointer
        layer.cell = kind.hasCellState ? state.cell.pointer : nil
        layer.bias = keep(weights.bias)
        layer.recurrent_bias = weights.recurrentBias.map { keep($0) }
        layer.below = index == 0 ? 0 : H
        if index == 0 {
            layer.table = keep(weights.kernel)
            layer.gates = Int32(kind.gates)
            layer.weights = pack(weights.recurrent, columns: H, gates: kind.gates)
        } else {
            let both = joined(weights)
            layer.table = UnsafePointer(numbers(kind.inputs * H))
            layer.gates = Int32(both.columns / H)
            layer.weights = pack(both, columns: H, gates: both.columns / H)
        }
        layer.inputs = (makeInput(layer.weights.k), makeInput(layer.weights.k))
        return layer
    }

    /// Joins the input kernel and the recurrent kernel into one, `[2H, gates·H]`, which multiplies the output of the layer
    /// below and the layer's previous state side by side. In a GRU, r multiplies only the state's part of n, so the input's
    /// part of n becomes a fourth gate: z, r, n, input's n.
    private func joined(_ weights: LayerWeights) -> Matrix {
        let (H, inputs, gates) = (streams.H, kind.joinedInputs, Array(0..<kind.gates))
        let width = (inputs + gates).max()! + 1
        var both = [Float](repeating: 0, count: 2 * H * width * H)
        for (first, matrix, places) in [(0, weights.kernel, inputs), (H, weights.recurrent, gates)] {
            let values = matrix.values
            for row in 0..<H {
                for (gate, place) in places.enumerated() {
                    for unit in 0..<H {
                        both[((first + row) * width + place) * H + unit] = values[(row * places.count + gate) * H + unit]
                    }
                }
            }
        }
        let matrix = Matrix(rows: 2 * H, columns: width * H)
        matrix.assign(both)
        return matrix
    }

    private func makeInput(_ k: Int) -> ck_stream_input {
        let stride = ck_stream_stride(streams.precision, k)
        // For int8, the rows of lower bytes follow the rows of upper bytes.
        let rows = streams.precision == CK_STREAM_INT8 ? 2 * count : count
        let bytes = UnsafeMutableRawPointer(numbers(rows * stride / 4)).assumingMemoryBound(to: UInt8.self)
        return ck_stream_input(rows: bytes, stride: stride)
    }

    private func pack(_ matrix: Matrix, columns: Int, gates: Int) -> ck_stream_weights {
        let gates = Int32(gates)
        let size = ck_stream_packed_size(backend.table, streams.precision, matrix.rows, columns, gates)
        var weights = ck_stream_weights()
        weights.k = matrix.rows
        weights.packed = UnsafeMutableRawPointer(numbers(size)).assumingMemoryBound(to: ck_word.self)
        if streams.precision == CK_STREAM_INT8 {
            let all = ck_stream_packed_columns(backend.table, columns, gates)
            weights.scales = numbers(all)
            weights.sums = UnsafeMutableRawPointer(numbers(all)).assumingMemoryBound(to: Int32.self)
        }
        ck_stream_pack(backend.team, backend.table, streams.precision, columns, gates, matrix.pointer, &weights)
        return weights
    }
}

import CChargenKernels

/// N streams that read a token each at every step: a stack of LSTM layers and an output layer, whose weights are packed once
/// into few bytes.
///
/// Not `Sendable`: whoever computes with it has it alone.
package final class Streams {
    /// The weights of one layer; all are read, none kept.
    package struct LayerWeights {
        /// `[V, 4H]` in the first layer: the input's part of the pre-activations of each token. `[H, 4H]` above.
        package var kernel: Matrix
        /// `[H, 4H]`.
        package var recurrent: Matrix
        /// `[1, 4H]`.
        package var bias: Matrix

        package init(kernel: Matrix, recurrent: Matrix, bias: Matrix) {
            self.kernel = kernel
            self.recurrent = recurrent
            self.bias = bias
        }
    }

    /// Sequences side by side, N.
    package let count: Int
    /// `[N, V]`, for the token that comes next in each stream.
    package let logits: Matrix

    private let backend: CPUBackend
    private let layers: UnsafeMutableBufferPointer<ck_stream_layer>
    private var streams: ck_streams
    /// What the C structures point into.
    private var memory: [Storage] = []
    /// `[N, H]` for each layer.
    private var states: [(hidden: Matrix, cell: Matrix)] = []

    package init(
        layers: [LayerWeights], output: Matrix, outputBias: Matrix, count N: Int, precision: StreamPrecision,
        on backend: CPUBackend
    ) {
        let (H, V) = (output.rows, output.columns)
        precondition(
            N > 0 && !layers.isEmpty && outputBias.count == V
                && layers.allSatisfy { $0.recurrent.shape == [H, 4 * H] && $0.bias.count == 4 * H }
                && layers.dropFirst().allSatisfy { $0.kernel.shape == [H, 4 * H] } && layers[0].kernel.columns == 4 * H,
            "streams of \(layers.count) layers with output \(output.shape)")
        self.backend = backend
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
        streams.output = pack(output, columns: V, gates: false)
        streams.output_input = makeInput(H)
        streams.output_bias = keep(outputBias)
        streams.gates = numbers(N * 4 * H)
        streams.zeros = UnsafeRawPointer(numbers(N)).assumingMemoryBound(to: Int32.self)
        streams.logits = logits.pointer
        reset()
    }

    deinit { layers.deallocate() }

    /// Reads `tokens [N]`, one in each stream: new states and ``logits``.
    package func step(_ tokens: [Int32]) {
        precondition(tokens.count == count, "\(tokens.count) tokens for \(count) streams")
        ck_stream_step(backend.team, backend.table, &streams, tokens)
    }

    /// Goes back to the zero state in every stream.
    package func reset() {
        for state in states {
            state.hidden.fill(0)
            state.cell.fill(0)
        }
        ck_stream_states_changed(backend.table, &streams)
    }

    /// Takes the states and logits of `other`, which has as many streams of the same model, or one stream for all.
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

    /// Replaces logits by what they weigh, `exp(logit − largest)`; returns the sum.
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

    /// A copy of `matrix` that lives as long as the streams.
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
        layer.hidden = state.hidden.pointer
        layer.cell = state.cell.pointer
        layer.bias = keep(weights.bias)
        layer.below = index == 0 ? 0 : H
        if index == 0 {
            layer.table = keep(weights.kernel)
            layer.weights = pack(weights.recurrent, columns: H, gates: true)
        } else {
            // The output of the layer below and the layer's own last state are read side by side, with one kernel.
            let both = Matrix(rows: 2 * H, columns: 4 * H)
            both[0..<H].assign(weights.kernel)
            both[H..<2 * H].assign(weights.recurrent)
            layer.table = UnsafePointer(numbers(4 * H))
            layer.weights = pack(both, columns: H, gates: true)
        }
        layer.inputs = (makeInput(layer.weights.k), makeInput(layer.weights.k))
        return layer
    }

    private func makeInput(_ k: Int) -> ck_stream_input {
        let stride = ck_stream_stride(streams.precision, k)
        // For int8 the lower bytes follow the upper ones.
        let rows = streams.precision == CK_STREAM_INT8 ? 2 * count : count
        let bytes = UnsafeMutableRawPointer(numbers(rows * stride / 4)).assumingMemoryBound(to: UInt8.self)
        return ck_stream_input(rows: bytes, stride: stride)
    }

    private func pack(_ matrix: Matrix, columns: Int, gates: Bool) -> ck_stream_weights {
        let flag: Int32 = gates ? 1 : 0
        let size = ck_stream_packed_size(backend.table, streams.precision, matrix.rows, columns, flag)
        var weights = ck_stream_weights()
        weights.k = matrix.rows
        weights.packed = UnsafeMutableRawPointer(numbers(size)).assumingMemoryBound(to: ck_word.self)
        if streams.precision == CK_STREAM_INT8 {
            let all = ck_stream_packed_columns(backend.table, columns, flag)
            weights.scales = numbers(all)
            weights.sums = UnsafeMutableRawPointer(numbers(all)).assumingMemoryBound(to: Int32.self)
        }
        ck_stream_pack(backend.team, backend.table, streams.precision, columns, flag, matrix.pointer, &weights)
        return weights
    }
}

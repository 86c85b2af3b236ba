import CChargenKernels
import ChargenTensor

/// The weights of a model in the order and number format in which the decoding kernels read them.
///
/// `@unchecked Sendable`: all memory is written by the initializer and only read afterwards.
final class CPUDecodingWeights: DecodingWeights, @unchecked Sendable {
    let shape: DecodingShape
    /// The C structure; its pointers are valid as long as this object exists.
    let model: UnsafeMutablePointer<ck_stream_model>
    private let layers: UnsafeMutableBufferPointer<ck_stream_layer>
    /// The memory that the C structures point to.
    private var memory: [CPUStorage] = []

    init(_ source: DecodingModel, precision: StreamPrecision, on backend: CPUBackend) {
        shape = source.shape
        model = .allocate(capacity: 1)
        layers = .allocate(capacity: shape.layers)
        var result = ck_stream_model()
        result.precision = precision.resolved(backend.table)
        result.H = shape.units
        result.V = shape.vocabulary
        result.layer_count = shape.layers
        for (index, weights) in source.layers.enumerated() {
            let (H, kind) = (shape.units, shape.kind)
            var layer = ck_stream_layer()
            layer.kind = kind.kernels
            layer.bias = keep(weights.bias)
            layer.recurrent_bias = weights.recurrentBias.map { keep($0) }
            let isApart = kind.joinedInputs.isEmpty || weights.norm != nil
            layer.is_apart = isApart ? 1 : 0
            layer.below = index == 0 || isApart ? 0 : H
            if let second = weights.second { layer.second = pack(second, columns: H, gates: 1, result.precision, on: backend) }
            if let norm = weights.norm {
                layer.gain = keep(norm.gain)
                layer.epsilon = norm.epsilon
            }
            if isApart && index > 0 {
                layer.input = pack(
                    weights.kernel, columns: kind.inputs * H, gates: 0, result.precision, on: backend)
            }
            if index == 0 || isApart {
                layer.table = index == 0 ? keep(weights.kernel) : nil
                layer.gates = Int32(kind.gates)
                layer.weights = pack(weights.recurrent, columns: H, gates: kind.gates, result.precision, on: backend)
            } else {
                let both = Self.joined(weights, kind, units: H)
                layer.table = UnsafePointer(numbers(kind.inputs * H))
                layer.gates = Int32(both.columns / H)
                layer.weights = pack(both, columns: H, gates: both.columns / H, result.precision, on: backend)
            }
            layers.initializeElement(at: index, to: layer)
        }
        result.layers = UnsafePointer(layers.baseAddress)
        result.output = pack(
            source.output, columns: shape.vocabulary, gates: 0, result.precision, on: backend)
        result.output_bias = keep(source.outputBias)
        model.initialize(to: result)
    }

    deinit {
        layers.deallocate()
        model.deallocate()
    }

    private func numbers(_ count: Int) -> UnsafeMutablePointer<Float> {
        let storage = CPUStorage(count: count)
        memory.append(storage)
        return storage.pointer
    }

    /// Copies `matrix` to memory that exists as long as the weights.
    private func keep(_ matrix: Matrix) -> UnsafePointer<Float> {
        let copy = numbers(matrix.count)
        copy.update(from: matrix.pointer, count: matrix.count)
        return UnsafePointer(copy)
    }

    private func pack(
        _ matrix: Matrix, columns: Int, gates: Int, _ precision: ck_stream_precision, on backend: CPUBackend
    ) -> ck_stream_weights {
        let gates = Int32(gates), table = backend.table
        let size = ck_stream_packed_size(table, precision, matrix.rows, columns, gates)
        var weights = ck_stream_weights()
        weights.k = matrix.rows
        weights.packed = UnsafeMutableRawPointer(numbers(size)).assumingMemoryBound(to: ck_word.self)
        if precision == CK_STREAM_INT8 {
            let all = ck_stream_packed_columns(table, columns, gates)
            weights.scales = numbers(all)
            weights.sums = UnsafeMutableRawPointer(numbers(all)).assumingMemoryBound(to: Int32.self)
        }
        ck_stream_pack(backend.team, table, precision, columns, gates, matrix.pointer, &weights)
        return weights
    }

    /// Joins the input kernel and the recurrent kernel into one, `[2H, gates·H]`, which multiplies the output of the layer
    /// below and the layer's previous state side by side. In a GRU, r multiplies only the state's part of n, so the input's
    /// part of n becomes a fourth gate: z, r, n, input's n.
    private static func joined(_ weights: DecodingModel.Layer, _ kind: CellKind, units H: Int) -> Matrix {
        let (inputs, gates) = (kind.joinedInputs, Array(0..<kind.gates)), width = (inputs + gates).max()! + 1
        let both = Matrix(storage: CPUStorage(count: 2 * H * width * H), offset: 0, rows: 2 * H, columns: width * H)
        for (first, matrix, places) in [(0, weights.kernel, inputs), (H, weights.recurrent, gates)] {
            for row in 0..<H {
                for (gate, place) in places.enumerated() {
                    (both.pointer + ((first + row) * width + place) * H)
                        .update(from: matrix.pointer + (row * places.count + gate) * H, count: H)
                }
            }
        }
        return both
    }
}

import CChargenKernels
import ChargenTensor

/// Step 1 of 2 of a small recurrent layer through the tails of one table: 3 sequences of H units, the same numbers for
/// every table.
struct RecurrentTails {
    let kind: ck_cell
    let H: Int
    let narrow: Bool
    var masked = false, dropped = false
    var activation = CK_TANH, gateActivation = CK_SIGMOID
    /// A gate more in the product, for the input's part of a GRU's n.
    var inputGate = false
    fileprivate let N = 3, T = 2

    struct Part {
        let name: String
        let values: [Float]
        let narrow: Bool
    }

    init(_ kind: ck_cell, H: Int, narrow: Bool) {
        self.kind = kind
        self.H = H
        self.narrow = narrow
    }

    fileprivate var facts: ck_cell_facts { ck_facts(kind) }

    /// All blocks of a step forward, of both halves where the step has two.
    func forward(_ kernels: ck_kernels) -> [Part] {
        let layer = makeLayer(), gates = Int(layer.pass.product_gates)
        let tails = [kernels.forward.0, kernels.forward.1, kernels.forward.2, kernels.forward.3, kernels.forward.4][
            Int(kind.rawValue)]
        if kind == CK_MLSTM {
            let tail = narrow ? kernels.multiply.1! : kernels.multiply.0!
            run(tail, layer, gates: 1, units: Int(ck_gate_vectors(1) * kernels.lanes))
        }
        run(narrow ? tails.1! : tails.0!, layer, gates: gates, units: Int(ck_gate_vectors(Int32(gates)) * kernels.lanes))
        if kind == CK_GRU_RESET_BEFORE {
            let tail = narrow ? kernels.candidate.1! : kernels.candidate.0!
            run(tail, layer, gates: 1, units: Int(ck_gate_vectors(1) * kernels.lanes))
        }
        return layer.parts
    }

    /// All panels of a step backward.
    func backward(_ kernels: ck_kernels) -> [Part] {
        let layer = makeLayer(), width = 2 * Int(kernels.lanes)
        let tails = [kernels.backward.0, kernels.backward.1, kernels.backward.2, kernels.backward.3, kernels.backward.4][
            Int(kind.rawValue)]
        run(narrow ? tails.1! : tails.0!, layer, gates: 1, units: width)
        if kind == CK_GRU_RESET_BEFORE {
            let tail = narrow ? kernels.candidate_backward.1! : kernels.candidate_backward.0!
            run(tail, layer, gates: 1, units: width)
        }
        if kind == CK_MLSTM {
            let tail = narrow ? kernels.multiply_backward.1! : kernels.multiply_backward.0!
            run(tail, layer, gates: 1, units: width)
        }
        return layer.parts
    }

    /// The product's numbers are the same for each unit and gate, whatever the number of lanes.
    private func run(
        _ tail: (UnsafePointer<ck_recurrent>?, Int, Int, Int32, Int, UnsafePointer<Float>?) -> Void, _ layer: Layer,
        gates: Int, units: Int
    ) {
        let values = Layer.numbers(N * gates * H, seed: 7, scale: 2)
        for block in 0..<(H + units - 1) / units {
            var product = [Float](repeating: 9, count: N * gates * units)
            for row in 0..<N * gates {
                for j in 0..<min(units, H - block * units) {
                    product[row * units + j] = values[row * H + block * units + j]
                }
            }
            tail(&layer.pass, 1, 0, Int32(N), block, product)
        }
    }

    fileprivate func makeLayer() -> Layer {
        let layer = Layer(narrow: narrow), inputs = Int(facts.inputs)
        layer.pass.kind = kind
        layer.pass.activation = activation
        layer.pass.gate_activation = gateActivation
        layer.pass.N = N
        layer.pass.H = H
        layer.pass.last = T
        layer.pass.product_gates = facts.gates + (inputGate ? 1 : 0)
        layer.pass.input = UnsafePointer(layer.floats(T * N * inputs * H, seed: 1, scale: 3))
        layer.pass.bias = UnsafePointer(layer.floats(inputs * H, seed: 2))
        layer.pass.gates = layer.operand("gates", rows: T * N, columns: Int(facts.slots) * H, seed: 3)
        layer.pass.hidden = layer.operand("states", rows: (T + 1) * N, columns: H, seed: 4)
        layer.pass.d_output = UnsafePointer(layer.floats(T * N * H, seed: 5))
        layer.pass.d_hidden = layer.floats(N * H, seed: 6, as: "states' gradient")
        let hasCellState = kind == CK_LSTM || kind == CK_MLSTM
        if hasCellState { layer.pass.d_cell = layer.floats(N * H, seed: 8, as: "cells' gradient") }
        // A GRU keeps states here that it rounds.
        if hasCellState || narrow && kind != CK_SIMPLE_RNN {
            layer.pass.cell = layer.floats((T + 1) * N * H, seed: 9, scale: 1.5, as: "cells")
        }
        if kind == CK_GRU { layer.pass.recurrent_bias = UnsafePointer(layer.floats(3 * H, seed: 10)) }
        if kind == CK_GRU_RESET_BEFORE || kind == CK_MLSTM {
            layer.pass.intermediate = layer.operand("intermediate states", rows: T * N, columns: H, seed: 11)
        }
        if masked { layer.pass.mask = layer.bytes([1, 1, 1, 1, 0, 1]) }
        if dropped {
            layer.pass.dropout = UnsafePointer(layer.floats(N * H, seed: 12))
            layer.pass.dropped = layer.operand("dropped states", rows: (T + 1) * N, columns: H, seed: 13)
        }
        layer.pass.gain = UnsafePointer(layer.floats(Int(facts.gates) * H, seed: 14, scale: 2))
        layer.pass.epsilon = 1e-3
        layer.pass.normalized = layer.operand("normalized products", rows: T * N, columns: Int(facts.gates) * H, seed: 15)
        layer.pass.deviations = layer.floats(T * N, seed: 16, as: "deviations")
        layer.pass.d_product = layer.operand("gradients of products", rows: T * N, columns: Int(facts.gates) * H, seed: 17)
        return layer
    }
}

// MARK: - Layer normalization

extension RecurrentTails {
    /// Rows 3, 4 and 5 of raw products, normalized: the moments, then the numbers in the order of units `[gates, H]`, then what
    /// the layer keeps. `isKept` tells whether it keeps the normalized products.
    func normalized(_ kernels: ck_kernels, isKept: Bool) -> [Part] {
        let layer = makeLayer(), gates = Int(facts.gates)
        let units = Int(ck_gate_vectors(Int32(gates)) * kernels.lanes), blocks = (H + units - 1) / units
        if !isKept { layer.pass.normalized.data = nil }
        let normalize = narrow ? kernels.normalize.1! : kernels.normalize.0!
        let values = Layer.numbers(N * gates * H, seed: 7, scale: 2)
        var moments: [Float] = [], products: [Float] = []
        for row in 0..<N {
            // Padding is zero, as the product of zero weights is.
            var raw = [Float](repeating: 0, count: blocks * gates * units)
            func at(_ gate: Int, _ unit: Int) -> Int { (unit / units * gates + gate) * units + unit % units }
            for gate in 0..<gates {
                for unit in 0..<H { raw[at(gate, unit)] = values[(row * gates + gate) * H + unit] + Float(row) }
            }
            var inverse: Float = 0
            let mean = kernels.moments(raw.count, gates * H, raw, layer.pass.epsilon, &inverse)
            var product = [Float](repeating: 0, count: raw.count)
            for block in 0..<blocks {
                raw.withUnsafeBufferPointer { raw in
                    product.withUnsafeMutableBufferPointer {
                        normalize(
                            &layer.pass, N + row, block, Int32(gates), raw.baseAddress! + block * gates * units, mean,
                            inverse, $0.baseAddress! + block * gates * units)
                    }
                }
            }
            moments += [mean, inverse]
            products += (0..<gates).flatMap { gate in (0..<H).map { product[at(gate, $0)] } }
        }
        return [
            Part(name: "moments", values: moments, narrow: false), Part(name: "products", values: products, narrow: false),
        ] + (isKept ? layer.parts : layer.parts.filter { $0.name != "normalized products" })
    }

    /// The gradients of rows 3, 4 and 5 of products.
    func normalizedBackward(_ kernels: ck_kernels) -> [Part] {
        let layer = makeLayer()
        for row in 0..<N { (narrow ? kernels.normalize_backward.1! : kernels.normalize_backward.0!)(&layer.pass, N + row) }
        return layer.parts
    }
}

extension RecurrentTails {
    /// A layer and its memory.
    fileprivate final class Layer {
        var pass = ck_recurrent()
        private let narrow: Bool
        private var memory: [UnsafeMutableRawBufferPointer] = []
        private var readers: [() -> Part] = []

        init(narrow: Bool) { self.narrow = narrow }
        deinit { for buffer in memory { buffer.deallocate() } }

        /// All that a tail could write.
        var parts: [Part] { readers.map { $0() } }

        static func numbers(_ count: Int, seed: UInt64, scale: Float) -> [Float] {
            var random = RandomSource(seed: seed)
            return (0..<count).map { _ in random.uniform(in: -scale..<scale) }
        }

        private func keep<Value>(_ values: [Value]) -> UnsafeMutableBufferPointer<Value> {
            let bytes = UnsafeMutableRawBufferPointer.allocate(
                byteCount: values.count * MemoryLayout<Value>.stride, alignment: MemoryLayout<Value>.alignment)
            memory.append(bytes)
            let typed = bytes.bindMemory(to: Value.self)
            _ = typed.initialize(from: values)
            return typed
        }

        func bytes(_ values: [UInt8]) -> UnsafePointer<UInt8> { UnsafePointer(keep(values).baseAddress!) }

        /// Numbers, and some after them that nothing may write; where they have a name, they are a part.
        func floats(
            _ count: Int, seed: UInt64, scale: Float = 1, as name: String? = nil
        ) -> UnsafeMutablePointer<Float> {
            let kept = keep(Self.numbers(count + 4, seed: seed, scale: scale))
            if let name { readers.append { Part(name: name, values: Array(kept), narrow: false) } }
            return kept.baseAddress!
        }

        /// Rows with room between them.
        func operand(_ name: String, rows: Int, columns: Int, seed: UInt64) -> ck_operand {
            let stride = columns + columns % 2 + 4
            let floats = Self.numbers(rows * stride, seed: seed, scale: 1)
            if narrow {
                let kept = keep(floats.map { UInt16($0.bitPattern >> 16) })
                readers.append {
                    Part(name: name, values: kept.map { Float(bitPattern: UInt32($0) << 16) }, narrow: true)
                }
                return ck_operand(precision: CK_BFLOAT16, data: kept.baseAddress, stride: stride)
            }
            let kept = keep(floats)
            readers.append { Part(name: name, values: Array(kept), narrow: false) }
            return ck_operand(precision: CK_FLOAT32, data: kept.baseAddress, stride: stride)
        }
    }
}

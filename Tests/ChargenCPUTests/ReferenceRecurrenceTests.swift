import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Recurrent passes of the CPU backend, forward and backward, against the reference backend.
@Suite struct ReferenceRecurrenceTests {
    struct Layer: CustomTestStringConvertible {
        let kind: CellKind
        let precision: OperandPrecision
        let activations: (candidate: Activation, gates: Activation)
        let isNormalized: Bool

        var testDescription: String {
            "\(kind) in \(precision), \(activations.candidate), \(activations.gates)" + (isNormalized ? ", normalized" : "")
        }

        static let all: [Layer] = [CellKind.lstm, .gru, .gruResetBefore, .simpleRNN, .multiplicativeLSTM].flatMap { kind in
            [OperandPrecision.float32, .bfloat16].flatMap { precision in
                [(Activation.tanh, Activation.sigmoid), (.relu, .hardSigmoid)].flatMap { activations in
                    (kind.canNormalize ? [false, true] : [false]).map {
                        Layer(kind: kind, precision: precision, activations: activations, isNormalized: $0)
                    }
                }
            }
        }
    }

    static let T = 5, N = 6, H = 37, V = 9

    /// All combinations of padding, dropout of the state, and a table of inputs in place of rows.
    @Test(arguments: availableInstructionSets, Layer.all) func passes(_ set: InstructionSet, _ layer: Layer) throws {
        let (absolute, relative): (Float, Float) = layer.precision == .float32 ? (1e-5, 1e-4) : (0.02, 0.02)
        for choice in 0..<8 {
            let (hasMask, hasDropout, hasTable) = (choice & 1 != 0, choice & 2 != 0, choice & 4 != 0)
            let what = "mask \(hasMask), dropout \(hasDropout), table \(hasTable):"
            try expectAgreement(set, absolute: absolute, relative: relative, what) { backend in
                Self.run(layer, hasMask: hasMask, hasDropout: hasDropout, hasTable: hasTable, on: backend)
            }
        }
    }

    private static func run(
        _ layer: Layer, hasMask: Bool, hasDropout: Bool, hasTable: Bool, on backend: any Backend
    ) -> [(String, [Float])] {
        let (kind, precision) = (layer.kind, layer.precision)
        var pass = makePass(layer, on: backend)
        if hasMask {
            // Sequences of all lengths, padded at the end, at the start, and in the middle.
            let lengths = [5, 0, 3, 4, 2, 1]
            pass.mask = backend.makeMask(
                (0..<T * N).map { at in
                    let (t, n) = (at / N, at % N)
                    return n == 3 ? (t == 0 ? 0 : 1) : n == 4 ? (t == 2 ? 0 : 1) : t < lengths[n] ? 1 : 0
                })
        }
        if hasDropout { pass.dropout = makeDropout(pass, on: backend) }
        let bias = backend.randomMatrix(1, kind.inputs * H, seed: 4)
        pass.bias = bias
        if kind.hasRecurrentBias { pass.recurrentBias = backend.randomMatrix(1, kind.gates * H, seed: 5) }
        let tokens = backend.randomIndices(T * N, limit: V, seed: 6)
        // In two parts, the second of which does not begin at the first row of its input.
        for steps in [0..<2, 2..<T] {
            pass.steps = steps
            pass.input =
                hasTable
                ? .table(backend.randomMatrix(V, kind.inputs * H, seed: 7), tokens: tokens)
                : .rows(
                    backend.randomMatrix((steps.count + 1) * N, kind.inputs * H, seed: 8), first: max(0, steps.lowerBound - 1))
            backend.recurrentForward(pass)
        }
        var results = [("hidden", pass.hidden.values)]
        if kind.slots > 1 { results.append(("gates", pass.gates.values)) }
        if let cell = pass.cell { results.append(("cell", cell.values)) }
        if let states = pass.intermediate { results.append(("intermediate", states.values)) }
        if let dropout = pass.dropout { results.append(("dropped", dropout.states.values)) }

        (pass.steps, pass.input, pass.bias, pass.recurrentBias) = (0..<T, .none, nil, nil)
        pass.recurrent = packedTranspose(kernel(kind.gates, seed: 1, on: backend), precision, on: backend)
        if kind.secondProduct != nil {
            pass.second = packedTranspose(kernel(1, seed: 2, on: backend), precision, on: backend)
        }
        let gradient = RecurrentPassGradient(
            output: backend.randomMatrix(T * N, H, seed: 9), hidden: backend.randomMatrix(N, H, seed: 10),
            cell: kind.hasCellState ? backend.randomMatrix(N, H, seed: 11) : nil)
        backend.recurrentBackward(pass, gradient: gradient)
        results += [("gates' gradient", pass.gates.values), ("state's gradient", gradient.hidden.values)]
        if let cell = gradient.cell { results.append(("cell's gradient", cell.values)) }
        if let norm = pass.norm {
            // Values at padding have no meaning; the gradients there are zero.
            let gates = pass.gates.columns(kind.firstGate * H..<(kind.firstGate + kind.gates) * H)
            let sums = backend.makeMatrix(1, kind.gates * H)
            backend.columnSums(ofProducts: gates, norm.values, into: sums)
            results += [("products' gradient", norm.gradients.values), ("gain's gradient", sums.values)]
        }
        return results
    }

    /// The buffers, with the initial states. All other numbers are remains of another pass.
    private static func makePass(_ layer: Layer, on backend: any Backend) -> RecurrentPass {
        let (kind, precision) = (layer.kind, layer.precision)
        let recurrent = backend.makePackedGates(hiddenSize: H, gates: kind.gates, precision: precision)
        backend.packGates(kernel(kind.gates, seed: 1, on: backend), into: recurrent)
        var pass = RecurrentPass(
            kind: kind, steps: 0..<T, batchSize: N, input: .none,
            gates: backend.randomOperand(T * N, kind.slots * H, precision, seed: 13),
            hidden: backend.randomOperand((T + 1) * N, H, precision, seed: 14), recurrent: recurrent)
        (pass.activation, pass.recurrentActivation) = layer.activations
        let start = Operand(backend.randomMatrix(N, H, seed: 3))
        backend.copy(start, into: pass.hidden[0..<N])
        if kind.hasCellState || precision == .bfloat16 && kind.keepsUnroundedState {
            let cell = backend.randomMatrix((T + 1) * N, H, seed: 15)
            backend.copy(start, into: Operand(cell[0..<N]))
            pass.cell = cell
        }
        if kind.secondProduct != nil {
            let second = backend.makePackedGates(hiddenSize: H, gates: 1, precision: precision)
            backend.packGates(kernel(1, seed: 2, on: backend), into: second)
            pass.second = second
            pass.intermediate = backend.randomOperand(T * N, H, precision, seed: 16)
        }
        if layer.isNormalized {
            pass.norm = RecurrentPass.Norm(
                gain: backend.randomMatrix(1, kind.gates * H, seed: 18, in: 0.2..<1.2), epsilon: 1e-3,
                values: backend.randomOperand(T * N, kind.gates * H, precision, seed: 19),
                deviations: backend.randomMatrix(T * N, 1, seed: 20),
                gradients: backend.randomOperand(T * N, kind.gates * H, precision, seed: 21),
                scratch: backend.makeNormScratch(kind, hiddenSize: H, batchSize: N))
        }
        return pass
    }

    private static func kernel(_ gates: Int, seed: UInt64, on backend: any Backend) -> Matrix {
        backend.randomMatrix(H, gates * H, seed: seed, in: -0.25..<0.25)
    }

    private static func packedTranspose(
        _ kernel: Matrix, _ precision: OperandPrecision, on backend: any Backend
    ) -> PackedMatrix {
        let packed = backend.makePacked(rows: kernel.columns, columns: kernel.rows, precision: precision)
        backend.pack(kernel, transposed: true, into: packed)
        return packed
    }

    private static func makeDropout(
        _ pass: RecurrentPass, on backend: any Backend
    ) -> (factors: Matrix, states: Operand) {
        let factors = backend.makeMatrix(N, H), start = backend.makeMatrix(N, H)
        backend.fill(factors, with: 1)
        backend.dropout(DropoutDraw(rate: 0.4, seed: 12), Operand(factors), period: N, into: Operand(factors))
        backend.copy(pass.hidden[0..<N], into: Operand(start))
        backend.multiply(start, by: factors)
        let states = backend.randomOperand((T + 1) * N, H, pass.hidden.precision, seed: 17)
        backend.copy(Operand(start), into: states[0..<N])
        return (factors, states)
    }
}

import ChargenNN
import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Gradients of every kind of cell against finite differences, with masks, dropout of the state and other activations than
/// the usual ones; N, T, D, H = 3, 4, 5, 6.
@Suite struct RecurrentGradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let layer: any RecurrentLayer
        let masked, dropped: Bool
        var testDescription: String {
            let options = layer.options
            return "\(options.kind), \(options.activation), norm \(options.layerNorm), masked \(masked), dropped \(dropped)"
        }
    }

    static let cases: [Case] = {
        let layers: [any RecurrentLayer] = [
            LSTM(units: 6), GRU(units: 6), GRU(units: 6, resetAfter: false), SimpleRNN(units: 6),
            LSTM(units: 6, activation: .sigmoid, recurrentActivation: .tanh),
            GRU(units: 6, activation: .linear, recurrentActivation: .tanh, useBias: false),
            GRU(units: 6, activation: .sigmoid, recurrentActivation: .linear, resetAfter: false),
            SimpleRNN(units: 6, activation: .sigmoid, useBias: false),
            MultiplicativeLSTM(units: 6),
            MultiplicativeLSTM(units: 6, activation: .sigmoid, recurrentActivation: .tanh, useBias: false),
            MultiplicativeLSTM(units: 6, layerNorm: true), LSTM(units: 6, layerNorm: true), GRU(units: 6, layerNorm: true),
            LSTM(units: 6, useBias: false, layerNorm: true),
        ]
        return layers.flatMap { layer in
            [(false, false), (true, false), (false, true), (true, true)].map {
                Case(layer: layer, masked: $0.0, dropped: $0.1)
            }
        }
    }()

    @Test(arguments: cases) func everything(_ c: Case) throws {
        let (N, T, D, H) = (3, 4, 5, 6)
        let backend = try CPUBackend(threads: 1)
        var layout = ParameterLayout(), random = RandomSource(seed: 21)
        let cell = RecurrentCell(c.layer.options, name: "cell", inputSize: D, layout: &layout)
        let parameters = ParameterBuffer(layout: layout, on: backend)
        let gradients = ParameterBuffer(layout: layout, on: backend)
        func numbers(_ count: Int, _ size: Float = 0.5) -> [Float] {
            (0..<count).map { _ in random.uniform(in: -size..<size) }
        }
        parameters.flat.assign(numbers(layout.bufferCount))
        let loop = TimeLoop(cell)
        let kernels = PackedKernels()
        var version = 0
        /// The parameters as they are now.
        func current() -> PassParameters {
            version += 1
            return PassParameters(buffer: parameters, version: version, precision: .float32, backend: backend,
                scratch: backend.makeScratch(), kernels: kernels)
        }
        let batch = SequenceBatch(
            steps: T, batchSize: N, mask: c.masked ? backend.makeMask([1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0]) : nil,
            recurrentDropout: c.dropped ? DropoutDraw(rate: 0.4, seed: 8) : nil)
        let input = Matrix(rows: T * N, columns: D)
        input.assign(numbers(T * N * D, 1))
        func state() -> LayerState {
            LayerState(
                hidden: Tensor(shape: [N, H], values: numbers(N * H, 1)),
                cell: cell.kind.hasCellState ? Tensor(shape: [N, H], values: numbers(N * H, 1)) : nil)
        }
        let start = state(), end = state(), weights = numbers(T * N * H, 1)

        /// What the gradients are of, with more digits than float32 sums would have.
        func value(from start: LayerState) -> Double {
            var state: BatchState? = BatchState(start, on: backend)
            let outputs = loop.forward(.numbers(Operand(input)), batch, state: &state, current())
            func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
            return dot(outputs.values, weights)
                + zip(state!.layerState.tensors, end.tensors).reduce(0) { $0 + dot($1.0.values, $1.1.values) }
        }
        _ = value(from: start)
        let outputGradient = Matrix(rows: T * N, columns: H), inputGradient = Matrix(rows: T * N, columns: D)
        outputGradient.assign(weights)
        let initial = loop.backward(
            .numbers(Operand(input)), batch, outputGradient: outputGradient,
            finalStateGradient: BatchState(end, on: backend), inputGradient: inputGradient, current(),
            gradients: gradients
        ).layerState
        let found = gradients.flat.values
        // A norm has a large curvature where its products are small.
        let step: Float = c.layer.options.layerNorm ? 1e-2 : 2e-2

        func check(_ matrix: Matrix, _ found: [Float], _ what: String) {
            let values = matrix.values
            let expected = values.indices.map { place in
                func at(_ change: Float) -> Double {
                    var changed = values
                    changed[place] += change
                    matrix.assign(changed)
                    return value(from: start)
                }
                // Of four points: the error is of the fourth order.
                let near = at(step) - at(-step), far = at(2 * step) - at(-2 * step)
                return Float((8 * near - far) / Double(12 * step))
            }
            matrix.assign(values)
            expectClose(found, expected, absolute: 5e-4, relative: 2e-3, what)
            #expect(found.contains { abs($0) > 1e-2 }, "\(what)")
        }
        check(parameters.flat, found, "parameters")
        check(input, inputGradient.values, "input")
        for (index, tensor) in start.tensors.enumerated() {
            let expected = tensor.values.indices.map { place in
                func at(_ change: Float) -> Double {
                    var (hidden, cell) = (start.hidden, start.cell)
                    if index == 0 { hidden.values[place] += change } else { cell!.values[place] += change }
                    return value(from: LayerState(hidden: hidden, cell: cell))
                }
                let near = at(step) - at(-step), far = at(2 * step) - at(-2 * step)
                return Float((8 * near - far) / Double(12 * step))
            }
            expectClose(initial.tensors[index].values, expected, absolute: 5e-4, relative: 2e-3, "state \(index)")
        }
    }
}

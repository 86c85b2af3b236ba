import ChargenNN
import ChargenTensor

extension Tensor {
    /// Numbers of a uniform distribution over `range`.
    package static func random(_ shape: [Int], seed: UInt64, in range: Range<Float> = -1..<1) -> Tensor {
        var random = RandomSource(seed: seed)
        return Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in random.uniform(in: range) })
    }

    /// The rows of `table [V, D]` that `tokens [N][T]` select, `[N, T, D]`.
    package static func rows(of table: Tensor, _ tokens: [[Int32]]) -> Tensor {
        let rows = table.rows(tokens.flatMap { $0.map { Int($0) } })
        return Tensor(shape: [tokens.count, tokens[0].count, table.shape[1]], values: rows.values)
    }

    /// The identity matrix: its rows are the one-hot rows of tokens.
    package static func identity(_ size: Int) -> Tensor {
        Tensor(shape: [size, size], values: (0..<size * size).map { $0 % (size + 1) == 0 ? 1 : 0 })
    }
}

/// What a forward pass and the backward pass after it give.
package struct ModelPass: Equatable {
    package var output: Tensor
    package var states: [LayerState]
    package var inputGradient: Tensor?
    package var stateGradients: [LayerState]
    /// The gradients of the weights, in the order of `Sequential.weights`.
    package var weightGradients: [Tensor]
}

extension Sequential {
    /// Replaces all weights, biases too, by random numbers.
    package func randomizeWeights(seed: UInt64, size: Float = 0.6) throws {
        try setWeights(
            weights.enumerated().map { .random($1.tensor.shape, seed: seed &+ UInt64($0), in: -size..<size) })
    }

    /// Calls the model, and backpropagates random gradients of its output and of its states.
    package func pass(
        _ input: LayerInput, initialStates: [LayerState] = [], mask: [[Bool]]? = nil, training: Bool = false
    ) throws -> ModelPass {
        let result = try self(input, initialStates: initialStates, mask: mask, training: training)
        let states = result.states.enumerated().map { index, state in
            func random(_ tensor: Tensor) -> Tensor { .random(tensor.shape, seed: 900 + UInt64(index)) }
            return LayerState(hidden: random(state.hidden), cell: state.cell.map(random))
        }
        let gradients = try gradients(
            outputGradient: .random(result.output.shape, seed: 800), stateGradients: states)
        return ModelPass(
            output: result.output, states: result.states, inputGradient: gradients.input,
            stateGradients: gradients.initialStates, weightGradients: gradients.weights.map(\.tensor))
    }

    /// The gradients of all weights as the last backward pass left them, in the order of ``weights``.
    package var weightGradients: [[Float]] {
        built.flatMap { layer in layer.kerasWeights.map { $0.read(gradients) } }
    }
}

/// How far `found` is from `expected`, as a share of the length of `expected`.
package func relativeDistance(_ found: [Float], _ expected: [Float]) -> Double {
    let square = zip(found, expected).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    let size = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
    return (square / size).squareRoot()
}

import ChargenNN
import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Gradients against finite differences, with N, T, V, H = 3, 4, 5, 6, and with layers and an embedding.
@Suite struct GradientTests {
    private let N = 3, T = 4, V = 5, H = 6

    /// The mean loss over the batch, with more digits than float32 sums would have.
    private func loss(
        _ network: TokenNetwork, _ start: RNNState, _ inputs: [Int32], _ targets: [Int32]
    ) throws -> Double {
        var state = start
        network.parametersChanged()
        // The same dropouts every time.
        try network.forward(
            tokens: inputs, steps: T, batchSize: N, state: &state, dropouts: RandomSource(seed: 9))
        return try network.loss(targets: targets) / Double(T * N)
    }

    @Test(arguments: [(1, nil), (2, 7), (3, nil)] as [(Int, Int?)], RNNConfiguration.Cell.allCases)
    func allParametersAndTheInitialState(shape: (layers: Int, embeddingSize: Int?), cell: RNNConfiguration.Cell) throws {
        let (layerCount, embeddingSize) = shape
        var random = RandomSource(seed: 4)
        let configuration = try RNNConfiguration(
            cell: cell, vocabularySize: V, hiddenSize: H, layers: layerCount, embeddingSize: embeddingSize)
        let dropout: Float = layerCount == 2 ? 0.3 : 0
        let network = try TokenNetwork(
            RNNModel(configuration: configuration, seed: 0), dropout: dropout, recurrentDropout: dropout,
            on: CPUBackend())
        let parameters = network.parameters
        parameters.flat.assign((0..<parameters.layout.bufferCount).map { _ in random.uniform(in: -0.8..<0.8) })
        func tokens() -> [Int32] { (0..<T * N).map { _ in Int32(random.next() % UInt64(V)) } }
        let (inputs, targets) = (tokens(), tokens())
        func tensor() -> Tensor {
            Tensor(shape: [layerCount, N, H], values: (0..<layerCount * N * H).map { _ in random.uniform(in: -1..<1) })
        }
        let start = RNNState(hidden: tensor(), cell: [.lstm, .mlstm].contains(cell) ? tensor() : nil)

        _ = try loss(network, start, inputs, targets)
        network.backward()
        let gradients = network.gradients
        let step: Float = 4e-3
        for (index, _) in parameters.layout.indexed {
            let found = gradients[index].values
            let values = parameters[index].values
            let expected = try values.indices.map { place in
                var changed = values
                changed[place] = values[place] + step
                parameters[index].assign(changed)
                let above = try loss(network, start, inputs, targets)
                changed[place] = values[place] - step
                parameters[index].assign(changed)
                let below = try loss(network, start, inputs, targets)
                parameters[index].assign(values)
                return Float((above - below) / Double(2 * step))
            }
            expectClose(found, expected, absolute: 3e-4)
            #expect(found.contains { abs($0) > 1e-3 })
            // The losses above overwrote nothing that the way back is asked for again.
            _ = try loss(network, start, inputs, targets)
            network.backward()
        }

        let (dh, dc) = (network.initialStateGradient.hidden.values, network.initialStateGradient.cell?.values)
        func difference(_ change: (Float) -> RNNState) throws -> Float {
            Float((try loss(network, change(step), inputs, targets) - loss(network, change(-step), inputs, targets))
                / Double(2 * step))
        }
        expectClose(dh, try (0..<layerCount * N * H).map { place in
            try difference {
                var hidden = start.hidden
                hidden.values[place] += $0
                return RNNState(hidden: hidden, cell: start.cell)
            }
        }, absolute: 3e-4, "dh0")
        guard let dc else { return }
        expectClose(dc, try (0..<layerCount * N * H).map { place in
            try difference {
                var cell = start.cell!
                cell.values[place] += $0
                return RNNState(hidden: start.hidden, cell: cell)
            }
        }, absolute: 3e-4, "dc0")
    }
}

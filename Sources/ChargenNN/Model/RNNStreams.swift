import ChargenTensor

extension RNNModel {
    /// The model at work on `count` streams, one token of each at a time: what sampling needs.
    package func makeStreams(count: Int, precision: StreamPrecision, on backend: CPUBackend) -> Streams {
        let layers = RNNLayers(configuration), parameters = parameterBuffer()
        let weights = layers.recurrent.enumerated().map { index, cell in
            var kernel = parameters[cell.kernel]
            if index == 0, let embedding = layers.embedding {
                // Every token's vector times the kernel, once and for all: [V, 4H].
                let table = Matrix(rows: embedding.vocabularySize, columns: kernel.columns)
                let packed = backend.makePacked(rows: kernel.rows, columns: kernel.columns, precision: .float32)
                backend.pack(kernel, transposed: false, into: packed)
                backend.product(Operand(parameters[embedding.table]), packed, bias: nil, into: table)
                kernel = table
            }
            return Streams.LayerWeights(
                kernel: kernel, recurrent: parameters[cell.recurrentKernel], bias: parameters[cell.bias!],
                recurrentBias: cell.recurrentBias.map { parameters[$0] })
        }
        return Streams(
            kind: layers.recurrent[0].kind, layers: weights, output: parameters[layers.output.kernel],
            outputBias: parameters[layers.output.bias!], count: count, precision: precision, on: backend)
    }
}

import ChargenTensor

extension RNNModel {
    /// Prepares the model to read one token of each of `count` streams at a time: what sampling needs.
    package func makeStreams(count: Int, precision: StreamPrecision, on backend: CPUBackend) throws -> Streams {
        let network = try network(on: backend), parameters = network.parameters
        var cells: [RecurrentCell] = [], table: Matrix?, output: BuiltDense?
        for layer in network.built {
            switch layer {
            case let embedding as BuiltEmbedding: table = parameters[embedding.table]
            case let recurrent as BuiltRecurrent: cells.append(recurrent.cell)
            case let dense as BuiltDense: output = dense
            default: break
            }
        }
        guard let output, let bias = output.bias else { preconditionFailure("a model of tokens ends with a dense layer") }
        let weights = cells.enumerated().map { index, cell in
            var kernel = parameters[cell.kernel]
            if index == 0, let table {
                // The products of every token's vector with the kernel, [V, inputs·H], are computed once.
                let products = Matrix(rows: table.rows, columns: kernel.columns)
                let packed = backend.makePacked(rows: kernel.rows, columns: kernel.columns, precision: .float32)
                backend.pack(kernel, transposed: false, into: packed)
                backend.product(Operand(table), packed, bias: nil, into: products)
                kernel = products
            }
            return Streams.LayerWeights(
                kernel: kernel, recurrent: parameters[cell.recurrentKernel], bias: parameters[cell.bias!],
                recurrentBias: cell.recurrentBias.map { parameters[$0] })
        }
        return Streams(
            kind: cells[0].kind, layers: weights, output: parameters[output.kernel], outputBias: parameters[bias],
            count: count, precision: precision, on: backend)
    }
}

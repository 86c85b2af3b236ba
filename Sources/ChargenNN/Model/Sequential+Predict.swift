import ChargenTensor

extension Sequential {
    /// The outputs for `inputs`, one for each example; the outputs of steps beyond the end of a shorter sequence are zero.
    /// - Throws: `LayerError` where shapes do not fit, and for a time-major model, which is called instead.
    public func predict(_ inputs: LayerInput, batchSize: Int = 256) throws -> Tensor {
        guard inputs.count > 0 else { throw LayerError.mismatched("there are no examples") }
        guard !isTimeMajor else {
            throw LayerError.mismatched("examples are in the first dimension, so a time-major model cannot predict; call it")
        }
        let read = try withoutPadding(inputs), shape = read.shape
        guard shape.count > 1 else {
            throw LayerError.wrongShape(what: "the input", found: shape, expected: [nil, nil])
        }
        let steps = returnsSequences ? shape[1] : 1
        let size = max(1, batchSize), order = Array(0..<inputs.count), lengths = read.differingLengths
        let width = built.last?.output.width ?? 1
        var values = [Float](repeating: 0, count: inputs.count * steps * width)
        for rows in LengthBatches.cut(order, lengths: lengths, pool: order.count, size: size) {
            let output = try tensor(of: forward(signal(of: read.rows(rows)), gradients: false)).values
            let found = output.count / rows.count
            for (place, row) in rows.enumerated() {
                let first = row * steps * width, length = returnsSequences ? lengths?[row] ?? steps : 1
                let count = min(found, length * width)
                values.replaceSubrange(first..<first + count, with: output[place * found..<place * found + count])
            }
        }
        return Tensor(shape: [inputs.count] + (returnsSequences ? [steps] : []) + [width], values: values)
    }
}

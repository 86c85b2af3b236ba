import ChargenTensor

extension Sequential {
    /// Turns an input into a time-major signal.
    /// - Throws: ``LayerError`` where the input is not what the first layer reads.
    package func signal(of input: LayerInput) throws -> Signal {
        var shape = input.shape
        let readsTokens = Self.readsTokens(layers[0])
        switch input {
        case .tokens(let rows):
            // Sequences without any tokens are read as one step of padding.
            if skipsPadding && !isTimeMajor { shape[1] = max(1, shape[1]) }
            guard shape.allSatisfy({ $0 > 0 }) else {
                throw LayerError.wrongShape(what: "the input", found: shape, expected: [nil, nil])
            }
            guard readsTokens else { throw LayerError.wrongInput(expected: "numbers", found: "token ids") }
            try checkLengths(of: rows)
            func token(_ row: Int, _ column: Int) -> Int32 { column < rows[row].count ? rows[row][column] : 0 }
            let (N, T) = isTimeMajor ? (shape[1], shape[0]) : (shape[0], shape[1])
            let tokens = (0..<T).flatMap { t in (0..<N).map { isTimeMajor ? token(t, $0) : token($0, t) } }
            return Signal(rows: .tokens(tokens), steps: T, batchSize: N)
        case .values(let tensor):
            guard !readsTokens else { throw LayerError.wrongInput(expected: "token ids", found: "numbers") }
            let needsTime = layers.contains { !Self.recurrentLayers($0).isEmpty }
            guard shape.count == 3 || shape.count == 2 && !needsTime, shape.allSatisfy({ $0 > 0 }) else {
                throw LayerError.wrongShape(
                    what: "the input", found: shape, expected: needsTime ? [nil, nil, nil] : [nil, nil])
            }
            let rows = shape.count == 2 || isTimeMajor ? tensor : tensor.swapped
            let matrix = backend.makeMatrix(rows.values.count / shape.last!, shape.last!, rows.values)
            let signal = Signal(rows: .numbers(Operand(matrix)), steps: nil, batchSize: shape[0])
            guard shape.count == 3 else { return signal }
            return Signal(rows: signal.rows, steps: rows.shape[0], batchSize: rows.shape[1])
        }
    }

    /// The numbers of a signal as users see them.
    package func tensor(of signal: Signal) throws -> Tensor {
        let values = try signal.matrix(ReusedMemory(), on: backend)
        guard let steps = signal.steps else { return values.tensor() }
        let tensor = values.tensor(shape: [steps, signal.batchSize, values.columns])
        return isTimeMajor ? tensor : tensor.swapped
    }

    /// Whether token 0 is padding that the model skips.
    package var skipsPadding: Bool { (layers[0] as? Embedding)?.maskZero == true }

    /// Whether the model has an output for each step of its input.
    package var returnsSequences: Bool { built.last?.output.hasTime == true }

    /// `input` without padding, if the model skips padding and returns no sequences: states do not change at such steps.
    /// - Throws: ``LayerError`` where lengths differ and the model does not skip padding.
    package func withoutPadding(_ input: LayerInput) throws -> LayerInput {
        guard case .tokens(let rows) = input else { return input }
        try checkLengths(of: rows)
        guard skipsPadding && !returnsSequences else { return input }
        return .tokens(rows.map { row in row.contains(0) ? row.filter { $0 != 0 } : row })
    }

    private func checkLengths(of rows: [[Int32]]) throws {
        guard skipsPadding || rows.allSatisfy({ $0.count == rows[0].count }) else {
            throw LayerError.mismatched(
                "sequences of different lengths need an Embedding with maskZero, or padSequences")
        }
    }

    /// The activation of the output, where the last layer has one.
    package var outputActivation: Activation? {
        switch built.last {
        case let dense as BuiltDense: dense.options.activation
        case let activation as BuiltActivation: activation.activation
        default: nil
        }
    }
}

import ChargenTensor

extension ReferenceBackend {
    package func recurrentForward(_ pass: RecurrentPass) {
        let recurrence = ReferenceRecurrence(pass), input = ReferenceInput(pass)
        for at in pass.steps.lowerBound * pass.batchSize..<pass.steps.upperBound * pass.batchSize {
            if recurrence.isPadding(at) { recurrence.keepState(at) } else { recurrence.advance(at, input) }
        }
    }
}

/// What a forward pass reads beside its states: the input's part of the pre-activations, and the biases.
private struct ReferenceInput {
    private let numbers: ReferenceNumbers
    /// The row of `numbers` that each row of the pass reads.
    private let rows: (Int) -> Int
    private let bias: [Double]
    private let recurrentBias: [Double]?
    private let H: Int

    init(_ pass: RecurrentPass) {
        let (kind, N, steps) = (pass.kind, pass.batchSize, pass.steps)
        H = pass.hidden.columns
        guard let bias = pass.bias, bias.count == kind.inputs * H, (pass.recurrentBias != nil) == kind.hasRecurrentBias,
            (pass.recurrentBias?.count ?? kind.gates * H) == kind.gates * H
        else {
            preconditionFailure(
                "\(kind) of H \(H) with bias \(pass.bias?.shape ?? []), \(pass.recurrentBias?.shape ?? [])")
        }
        self.bias = ReferenceNumbers(bias).all
        recurrentBias = pass.recurrentBias.map { ReferenceNumbers($0).all }
        switch pass.input {
        case .none: preconditionFailure("a forward pass without an input")
        case .rows(let input, let first):
            precondition(
                input.columns == kind.inputs * H && first <= steps.lowerBound
                    && input.rows >= (steps.upperBound - first) * N,
                "input \(input.shape) from step \(first) for steps \(steps)")
            numbers = ReferenceNumbers(input)
            rows = { $0 - first * N }
        case .table(let input, let tokens):
            precondition(
                input.columns == kind.inputs * H && tokens.count >= steps.upperBound * N && tokens.limit <= input.rows,
                "\(tokens.count) tokens below \(tokens.limit) of \(input.shape) for steps \(steps) of N \(N)")
            numbers = ReferenceNumbers(input)
            let integers = tokens.integers
            rows = { integers[$0] }
        }
    }

    /// The input's part of the pre-activations of each unit, `[H][inputs]`, bias included.
    func units(_ at: Int) -> [[Double]] {
        let row = zip(numbers.row(rows(at)), bias).map(+)
        return row.byUnit(H)
    }

    /// The product with the hidden state of each unit, `[H][gates]`, with the recurrent bias where there is one.
    func units(product: [Double]) -> [[Double]] {
        let row = recurrentBias.map { zip(product, $0).map(+) } ?? product
        return row.byUnit(H)
    }
}

extension [Double] {
    /// The numbers of each unit, in the order of their blocks of `H` numbers.
    func byUnit(_ H: Int) -> [[Double]] {
        (0..<H).map { unit in stride(from: unit, to: count, by: H).map { self[$0] } }
    }
}

extension ReferenceRecurrence {
    /// A step that is padding.
    fileprivate func keepState(_ at: Int) {
        for unit in 0..<H {
            if kind.hasCellState { cellStates![at + N, unit] = cellStates![at, unit] }
            intermediate?[at, unit] = 0
            setOutput(at, unit, state(at, unit))
        }
    }

    fileprivate func advance(_ at: Int, _ input: ReferenceInput) {
        let x = input.units(at)
        if kind.formula == .multiplicativeLSTM { multiply(at, x) }
        let left = kind.formula == .multiplicativeLSTM ? intermediate!.row(at) : productInput(at)
        let product = ReferenceBackend.product(left, recurrent, columns: kind.gates * H)
        let p = input.units(product: norm.map { $0.normalize(product, at) } ?? product)
        switch kind.formula {
        case .lstm, .multiplicativeLSTM:
            for unit in 0..<H {
                let step = cell.lstm(x[unit], p[unit], cell: cellStates![at, unit])
                setSlots(at, unit, step.gates)
                cellStates![at + N, unit] = step.cell
                setOutput(at, unit, step.hidden)
            }
        case .gru:
            for unit in 0..<H {
                let step = cell.gru(x[unit], p[unit], hidden: state(at, unit))
                setSlots(at, unit, step.slots)
                setOutput(at, unit, step.hidden)
            }
        case .gruResetBefore: advanceResetBefore(at, x, p)
        case .simpleRNN:
            for unit in 0..<H { setOutput(at, unit, cell.simpleRNN(x[unit], p[unit])) }
        }
    }

    /// Computes the intermediate state `m` of a multiplicative LSTM. Slots 4 and 5 are the product and the input's factor.
    private func multiply(_ at: Int, _ x: [[Double]]) {
        let product = ReferenceBackend.product(productInput(at), second!, columns: H)
        for unit in 0..<H {
            gates[at, 4 * H + unit] = product[unit]
            gates[at, 5 * H + unit] = x[unit][4]
            intermediate![at, unit] = cell.intermediate(x[unit], product: product[unit])
        }
    }

    private func advanceResetBefore(_ at: Int, _ x: [[Double]], _ p: [[Double]]) {
        for unit in 0..<H {
            let (z, r) = cell.resetBefore(x[unit], p[unit])
            gates[at, H + unit] = z
            gates[at, 2 * H + unit] = r
            intermediate![at, unit] = r * state(at, unit) * factor(at, unit)
        }
        let product = ReferenceBackend.product(intermediate!.row(at), second!, columns: H)
        for unit in 0..<H {
            let step = cell.candidate(
                x[unit], product: product[unit], z: gates[at, H + unit], hidden: state(at, unit))
            gates[at, unit] = step.n
            setOutput(at, unit, step.hidden)
        }
    }

    /// Writes all slots of one unit.
    func setSlots(_ at: Int, _ unit: Int, _ numbers: [Double]) {
        for (slot, number) in numbers.enumerated() { gates[at, slot * H + unit] = number }
    }
}

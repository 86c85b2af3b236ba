import ChargenTensor

extension ReferenceBackend {
    package func recurrentBackward(_ pass: RecurrentPass, gradient: RecurrentPassGradient) {
        let recurrence = ReferenceRecurrence(pass), (N, H) = (recurrence.N, recurrence.H)
        precondition(
            gradient.hidden.shape == [N, H] && (gradient.cell?.shape ?? [N, H]) == [N, H]
                && (gradient.cell != nil) == pass.kind.hasCellState && gradient.output.columns == H
                && gradient.output.rows >= pass.steps.upperBound * N,
            "gradients \(gradient.output.shape), \(gradient.hidden.shape) of N \(N), H \(H)")
        let output = ReferenceNumbers(gradient.output), cell = gradient.cell.map { ReferenceNumbers($0) }
        // The gradient of the state after the current step, and, after the step, of the state before it.
        let hidden = ReferenceNumbers(gradient.hidden)
        for step in pass.steps.reversed() {
            for sequence in 0..<N {
                let at = step * N + sequence
                for unit in 0..<H { hidden[sequence, unit] += output[at, unit] }
                recurrence.retreat(at, hidden, cell)
            }
        }
    }
}

extension ReferenceRecurrence {
    /// Takes the gradients of the states after a step, in a row of `hidden` and of `cell`, to those of the states before it,
    /// and overwrites the step's slots with the gradients of the pre-activations.
    fileprivate func retreat(_ at: Int, _ hidden: ReferenceNumbers, _ cell: ReferenceNumbers?) {
        guard !isPadding(at) else {
            for unit in 0..<H { setSlots(at, unit, [Double](repeating: 0, count: kind.slots)) }
            norm?.clearGradients(at)
            return
        }
        let sequence = at % N
        for unit in 0..<H {
            let d = hidden[sequence, unit], slots = (0..<kind.slots).map { gates[at, $0 * H + unit] }
            switch kind.formula {
            case .lstm, .multiplicativeLSTM:
                let step = lstm(at, unit, slots, d, cell![sequence, unit])
                setSlots(at, unit, step.slots)
                cell![sequence, unit] = step.cell
                hidden[sequence, unit] = 0
            case .gru:
                setSlots(at, unit, gru(at, unit, slots, d))
                hidden[sequence, unit] = d * slots[1]
            case .gruResetBefore:
                setSlots(at, unit, resetBefore(at, unit, slots, d))
                hidden[sequence, unit] = d * slots[1]
            case .simpleRNN:
                setSlots(at, unit, [d * self.cell.a.derivative(atValue: output(at, unit))])
                hidden[sequence, unit] = 0
            }
        }
        if case .ofIntermediateState = kind.secondProduct { retreatThroughCandidate(at, hidden) }
        // The part through the recurrent product.
        var gradients = gates.row(at)[kind.firstGate * H..<(kind.firstGate + kind.gates) * H]
        if let norm { gradients = norm.differentiate(Array(gradients), at)[...] }
        var through = ReferenceBackend.product(gradients, recurrent, columns: H)
        if case .ofHiddenState = kind.secondProduct { through = retreatThroughMultiplication(at, through) }
        for unit in 0..<H { hidden[sequence, unit] += through[unit] * factor(at, unit) }
    }

    /// `d` and `dc` are the gradients of the hidden state and of the cell state after the step.
    private func lstm(
        _ at: Int, _ unit: Int, _ gates: [Double], _ d: Double, _ dc: Double
    ) -> (slots: [Double], cell: Double) {
        let (a, s) = (cell.a, cell.s), (i, f, g, o) = (gates[0], gates[1], gates[2], gates[3])
        let squashed = a.value(of: cellStates![at + N, unit])
        let dc = dc + d * o * a.derivative(atValue: squashed)
        let slots = [
            dc * g * s.derivative(atValue: i), dc * cellStates![at, unit] * s.derivative(atValue: f),
            dc * i * a.derivative(atValue: g), d * squashed * s.derivative(atValue: o),
        ]
        return (slots, dc * f)
    }

    private func gru(_ at: Int, _ unit: Int, _ slots: [Double], _ d: Double) -> [Double] {
        let (n, z, r, inner) = (slots[0], slots[1], slots[2], slots[3])
        let dn = d * (1 - z) * cell.a.derivative(atValue: n)
        let dz = d * (state(at, unit) - n) * cell.s.derivative(atValue: z)
        return [dn, dz, dn * inner * cell.s.derivative(atValue: r), dn * r]
    }

    /// The slot of r keeps r until the gradient of `r ∘ h` is known.
    private func resetBefore(_ at: Int, _ unit: Int, _ slots: [Double], _ d: Double) -> [Double] {
        let (n, z, r) = (slots[0], slots[1], slots[2])
        let dz = d * (state(at, unit) - n) * cell.s.derivative(atValue: z)
        return [d * (1 - z) * cell.a.derivative(atValue: n), dz, r]
    }

    /// Takes the gradient of the intermediate state `m` of a multiplicative LSTM to that of the hidden state, and writes the
    /// gradients of the input's factor and of the product, slots 4 and 5.
    private func retreatThroughMultiplication(_ at: Int, _ d: [Double]) -> [Double] {
        for unit in 0..<H {
            let (product, factor) = (gates[at, 4 * H + unit], gates[at, 5 * H + unit])
            gates[at, 4 * H + unit] = d[unit] * product
            gates[at, 5 * H + unit] = d[unit] * factor
        }
        return ReferenceBackend.product(gates.row(at)[(5 * H)...], second!, columns: H)
    }

    /// The part through the product of `r ∘ h`.
    private func retreatThroughCandidate(_ at: Int, _ hidden: ReferenceNumbers) {
        let product = ReferenceBackend.product(gates.row(at)[..<H], second!, columns: H)
        for unit in 0..<H {
            let r = gates[at, 2 * H + unit], before = state(at, unit) * factor(at, unit)
            gates[at, 2 * H + unit] = product[unit] * before * cell.s.derivative(atValue: r)
            hidden[at % N, unit] += product[unit] * r * factor(at, unit)
        }
    }
}

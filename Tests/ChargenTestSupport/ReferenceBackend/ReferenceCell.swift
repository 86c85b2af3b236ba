import ChargenTensor

/// One unit of one sequence at one step: the formulas of the cells. `a` is the activation of the candidate state, `s` that of
/// the gates, `x` is the input's part of the pre-activations with its bias, and `p` the product with the hidden state, with
/// the recurrent bias where the cell has one. Both are in the order of ``CellKind``.
struct ReferenceCell {
    let a: Activation
    let s: Activation

    /// The activated gates i, f, g, o, and the cell state and hidden state after the step.
    func lstm(_ x: [Double], _ p: [Double], cell: Double) -> (gates: [Double], cell: Double, hidden: Double) {
        let gates = (0..<4).map { ($0 == 2 ? a : s).value(of: x[$0] + p[$0]) }
        let after = gates[1] * cell + gates[0] * gates[2]
        return (gates, after, gates[3] * a.value(of: after))
    }

    /// The intermediate state of a multiplicative LSTM; `product` is that of the hidden state. The rest of its step is that of
    /// an LSTM whose product reads the intermediate state.
    func intermediate(_ x: [Double], product: Double) -> Double { x[4] * product }

    /// The slots n, z, r and `p`'s part of n, and the hidden state after the step.
    func gru(_ x: [Double], _ p: [Double], hidden: Double) -> (slots: [Double], hidden: Double) {
        let (z, r) = (s.value(of: x[1] + p[0]), s.value(of: x[2] + p[1]))
        let n = a.value(of: x[0] + r * p[2])
        return ([n, z, r, p[2]], z * hidden + (1 - z) * n)
    }

    /// The gates z and r of a GRU that resets before the product.
    func resetBefore(_ x: [Double], _ p: [Double]) -> (z: Double, r: Double) {
        (s.value(of: x[1] + p[0]), s.value(of: x[2] + p[1]))
    }

    /// The candidate state n and the hidden state after the step, of a GRU that resets before the product; `product` is that
    /// of `r ∘ h`.
    func candidate(_ x: [Double], product: Double, z: Double, hidden: Double) -> (n: Double, hidden: Double) {
        let n = a.value(of: x[0] + product)
        return (n, z * hidden + (1 - z) * n)
    }

    /// The hidden state after the step.
    func simpleRNN(_ x: [Double], _ p: [Double]) -> Double { a.value(of: x[0] + p[0]) }
}

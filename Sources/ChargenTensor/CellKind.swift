import CChargenKernels

/// The kinds of recurrent cells that the kernels run, and what each has for every unit.
///
/// The gates' numbers lie in slots side by side, `[T·N, slots·H]`: the gradients of the input's part of the
/// pre-activations are the first ``inputs`` slots, those of the product with the last state begin at ``firstGate``.
package enum CellKind: Sendable {
    /// Inputs and gates i, f, g, o.
    case lstm
    /// The reset gate multiplies the product. Inputs n, z, r; gates z, r, n.
    case gru
    /// The reset gate multiplies the state. Inputs n, z, r; gates z, r, and a second product for n.
    case gruResetBefore
    /// One input, one gate.
    case simpleRNN

    var kernels: ck_cell {
        switch self {
        case .lstm: CK_LSTM
        case .gru: CK_GRU
        case .gruResetBefore: CK_GRU_RESET_BEFORE
        case .simpleRNN: CK_SIMPLE_RNN
        }
    }

    private var facts: ck_cell_facts { ck_facts(kernels) }
    /// Of each unit in the product with the input.
    package var inputs: Int { Int(facts.inputs) }
    /// Of each unit in the product with the last state.
    package var gates: Int { Int(facts.gates) }
    /// Of each unit in the gates' memory.
    package var slots: Int { Int(facts.slots) }
    /// The slot where the gradients of the product with the last state begin.
    package var firstGate: Int { Int(facts.first_gate) }
    /// Whether there is a cell state beside the hidden state.
    package var hasCellState: Bool { self == .lstm }
    /// Whether the product with the last state has a bias of its own.
    package var hasRecurrentBias: Bool { self == .gru }
    /// Whether there is a second product, of `r ∘ h`.
    package var hasCandidate: Bool { self == .gruResetBefore }
}

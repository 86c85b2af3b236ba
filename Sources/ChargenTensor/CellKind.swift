/// A kind of recurrent cell: everything that distinguishes it from the others, in one definition.
///
/// A cell's product with the input gives ``inputs`` numbers for each unit, and its product with the hidden state gives
/// ``gates`` numbers. Both are kept side by side in slots of memory, `[T·N, slots·H]`: after the backward pass, the
/// gradients of the input's part of the pre-activations are the first ``inputs`` slots, and those of the product with the
/// hidden state begin at ``firstGate``. The order of the numbers is that of the kernels (`ck_cell` in the C headers).
package struct CellKind: Sendable, Equatable, CustomStringConvertible {
    /// The order in which another library keeps a cell's gates: block `i` of its tensors is block `order[i]` of ours.
    package struct GateOrder: Sendable, Equatable {
        /// The order of the gates in the kernel that multiplies the input, and in its bias.
        package let inputs: [Int]
        /// The order of the gates in the kernel that multiplies the hidden state, and in its bias.
        package let gates: [Int]
    }

    /// The formulas of a cell, by name; a backend computes them.
    package enum Formula: Sendable, CaseIterable { case lstm, gru, gruResetBefore, simpleRNN, multiplicativeLSTM }

    /// The left operand of a cell's second recurrent product, whose kernel is `[H, H]`.
    package enum SecondProduct: Sendable, Equatable {
        /// The intermediate state, which is computed from the first product: `r ∘ h` of a GRU.
        case ofIntermediateState(gradientSlot: Int)
        /// The hidden state. The intermediate state is computed from this product, and the gates' product reads the
        /// intermediate state: the `m` of a multiplicative LSTM.
        case ofHiddenState(gradientSlot: Int)
    }

    package let description: String
    package let formula: Formula
    /// Numbers for each unit in the product with the input.
    package let inputs: Int
    /// Numbers for each unit in the product with the hidden state.
    package let gates: Int
    /// Numbers for each unit in the gates' memory.
    package let slots: Int
    /// The slot at which the gradients of the product with the hidden state begin.
    package var firstGate = 0
    /// Keras's order of the gates.
    package let keras: GateOrder
    /// PyTorch's order of the gates.
    package let torch: GateOrder
    /// The input's block whose bias is one at first if `unit_forget_bias` is set; nil for a cell without a forget gate.
    package var forgetGate: Int?
    /// Whether the cell has a cell state beside the hidden state.
    package var hasCellState = false
    /// Whether the product with the hidden state has a bias of its own.
    package var hasRecurrentBias = false
    /// The cell's second recurrent product, where it has one.
    package var secondProduct: SecondProduct?
    /// Whether the products of the gates can be normalized.
    package var canNormalize = true
    /// Whether the next hidden state is computed from the current one directly, so that the unrounded state must be kept
    /// where products read bfloat16.
    package var keepsUnroundedState = false
    /// The block of the joined product to which each block of the input's kernel belongs, if input and hidden state are
    /// multiplied as one row. More blocks than gates means that a part of the input must stay apart. Empty where the input cannot
    /// be joined.
    package let joinedInputs: [Int]

    /// Long short-term memory: inputs and gates i, f, g, o.
    package static let lstm = CellKind(
        description: "LSTM", formula: .lstm, inputs: 4, gates: 4, slots: 4,
        keras: GateOrder(inputs: [0, 1, 2, 3], gates: [0, 1, 2, 3]),
        torch: GateOrder(inputs: [0, 1, 2, 3], gates: [0, 1, 2, 3]),
        forgetGate: 1, hasCellState: true, joinedInputs: [0, 1, 2, 3])
    /// Gated recurrent unit whose reset gate multiplies the recurrent product: inputs n, z, r; gates z, r, n.
    package static let gru = CellKind(
        description: "GRU", formula: .gru, inputs: 3, gates: 3, slots: 4, firstGate: 1,
        keras: GateOrder(inputs: [1, 2, 0], gates: [0, 1, 2]), torch: GateOrder(inputs: [2, 1, 0], gates: [1, 0, 2]),
        hasRecurrentBias: true, keepsUnroundedState: true, joinedInputs: [3, 0, 1])
    /// Gated recurrent unit whose reset gate multiplies the hidden state: inputs n, z, r; gates z, r, and a second product
    /// for n.
    package static let gruResetBefore = CellKind(
        description: "GRU (reset before the product)", formula: .gruResetBefore, inputs: 3, gates: 2, slots: 3,
        firstGate: 1,
        keras: GateOrder(inputs: [1, 2, 0], gates: [0, 1]), torch: GateOrder(inputs: [2, 1, 0], gates: [1, 0]),
        secondProduct: .ofIntermediateState(gradientSlot: 0), canNormalize: false, keepsUnroundedState: true,
        joinedInputs: [])
    /// Simple recurrent unit: one input, one gate.
    package static let simpleRNN = CellKind(
        description: "SimpleRNN", formula: .simpleRNN, inputs: 1, gates: 1, slots: 1,
        keras: GateOrder(inputs: [0], gates: [0]), torch: GateOrder(inputs: [0], gates: [0]), joinedInputs: [0])
    /// Multiplicative LSTM: inputs i, f, g, o and the factor of the intermediate state; gates i, f, g, o; slots for these five
    /// and for the gradient of the second product.
    package static let multiplicativeLSTM = CellKind(
        description: "MultiplicativeLSTM", formula: .multiplicativeLSTM, inputs: 5, gates: 4, slots: 6,
        keras: GateOrder(inputs: [0, 1, 2, 3, 4], gates: [0, 1, 2, 3]),
        torch: GateOrder(inputs: [0, 1, 2, 3, 4], gates: [0, 1, 2, 3]),
        forgetGate: 1, hasCellState: true, secondProduct: .ofHiddenState(gradientSlot: 5), joinedInputs: [])
}

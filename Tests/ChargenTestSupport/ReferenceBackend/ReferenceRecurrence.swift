import ChargenTensor

/// The buffers of a recurrent pass as numbers. A row `at` is `t·N + n`: step `t` of sequence `n`.
struct ReferenceRecurrence {
    let kind: CellKind
    let cell: ReferenceCell
    let N: Int
    let H: Int
    let steps: Range<Int>
    /// The activated gates, later their gradients.
    let gates: ReferenceNumbers
    let intermediate: ReferenceNumbers?
    let cellStates: ReferenceNumbers?
    /// The factors of the recurrent dropout, `[N, H]`.
    let factors: ReferenceNumbers?
    /// The packed kernels; their shape depends on the direction of the pass.
    let recurrent: [Double]
    let second: [Double]?
    let norm: ReferenceNorm?
    private let hidden: ReferenceNumbers
    private let dropped: ReferenceNumbers?
    private let padding: [Bool]?

    init(_ pass: RecurrentPass) {
        pass.check()
        kind = pass.kind
        cell = ReferenceCell(a: pass.activation, s: pass.recurrentActivation)
        (N, H, steps) = (pass.batchSize, pass.hidden.columns, pass.steps)
        (gates, hidden) = (ReferenceNumbers(pass.gates), ReferenceNumbers(pass.hidden))
        intermediate = pass.intermediate.map { ReferenceNumbers($0) }
        cellStates = pass.cell.map { ReferenceNumbers($0) }
        factors = pass.dropout.map { ReferenceNumbers($0.factors) }
        dropped = pass.dropout.map { ReferenceNumbers($0.states) }
        padding = pass.mask?.padding
        recurrent = pass.recurrent.numbers.all
        second = pass.second?.numbers.all
        norm = pass.norm.map { ReferenceNorm($0) }
    }

    func isPadding(_ at: Int) -> Bool { padding?[at] ?? false }

    /// The factor of the recurrent dropout.
    func factor(_ at: Int, _ unit: Int) -> Double { factors?[at % N, unit] ?? 1 }

    /// Whether hidden states are kept a second time, before they are rounded.
    private var keepsUnrounded: Bool { hidden.precision != .float32 && !kind.hasCellState && cellStates != nil }

    /// The hidden state before step `at`; `at + N` gives that after it.
    func state(_ at: Int, _ unit: Int) -> Double {
        keepsUnrounded ? cellStates![at, unit] : hidden[at, unit]
    }

    /// The hidden state after step `at` as outputs have it, rounded.
    func output(_ at: Int, _ unit: Int) -> Double { hidden[at + N, unit] }

    /// Writes the hidden state after step `at`.
    func setOutput(_ at: Int, _ unit: Int, _ value: Double) {
        hidden[at + N, unit] = value
        if keepsUnrounded { cellStates![at + N, unit] = value }
        dropped?[at + N, unit] = value * factor(at, unit)
    }

    /// The states before step `at` as the recurrent product reads them.
    func productInput(_ at: Int) -> [Double] { (dropped ?? hidden).row(at) }
}

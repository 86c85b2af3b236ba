/// What computes: the seam behind which another processor (a GPU, say) would go.
///
/// It is cut at whole operations, so that each may be one launch. All matrices are row-major. Passing shapes that do not
/// fit together is a programmer's error and traps with both shapes.
package protocol Backend: Sendable {
    /// What ``Precision/automatic`` stands for here.
    var fasterPrecision: OperandPrecision { get }
    /// Where time is counted, if it is.
    var profile: Profile? { get }

    /// Space for `[rows, columns]` in the order in which products read their right side.
    func makePacked(rows: Int, columns: Int, precision: OperandPrecision) -> PackedMatrix
    /// Space for a recurrent kernel `[H, gates·H]`, packed so that all gates of a unit lie together.
    func makePackedGates(hiddenSize: Int, gates: Int, precision: OperandPrecision) -> PackedMatrix
    /// Packs `matrix`, or its transpose.
    func pack(_ matrix: Matrix, transposed: Bool, into packed: PackedMatrix)
    /// Packs a recurrent kernel `[H, gates·H]`.
    func packGates(_ kernel: Matrix, into packed: PackedMatrix)
    /// Rounds `matrix` to the precision of `operand`, of the same shape.
    func convert(_ matrix: Matrix, into operand: Operand)

    /// `result [M, N] = left [M, K] · right [K, N] + bias [1, N]`.
    func product(_ left: Operand, _ right: PackedMatrix, bias: Matrix?, into result: Matrix)
    /// Space that ``transposedProduct(_:_:scratch:into:)`` works in; for one thread at a time.
    func makeScratch() -> Storage
    /// `result [M, N] = leftᵀ · right` of `left [K, M]` and `right [K, N]`, both of one precision: the gradient of a
    /// kernel from inputs and outputs' gradients.
    func transposedProduct(_ left: Operand, _ right: Operand, scratch: Storage, into result: Matrix)

    /// Runs a recurrent layer over the steps of `pass`. See ``RecurrentPass`` for what is read and written.
    func recurrentForward(_ pass: RecurrentPass)
    /// Runs a recurrent layer backward over the steps of `pass`.
    func recurrentBackward(_ pass: RecurrentPass, gradient: RecurrentPassGradient)

    /// `values = activation(values)`, softmax row by row.
    func activate(_ activation: Activation, _ values: Matrix)
    /// Takes `gradient` back through an activation that gave `values`, in place; both have one shape.
    func differentiate(_ activation: Activation, values: Matrix, gradient: Matrix)
    /// `result = values`, some of them dropped (zero) and the others scaled; see ``DropoutDraw``. Both may be the same
    /// memory. Rows that are `period` apart are dropped alike.
    func dropout(_ draw: DropoutDraw, _ values: Operand, period: Int, into result: Operand)

    /// Computes the loss of each row of `outputs [M, C]` against its target, times the row's weight (1 where `weights` is
    /// nil), into the first M numbers of `losses`. A row with weight zero has no loss, no hit and a gradient of zero, and
    /// its numbers are not read.
    /// - Parameters:
    ///   - gradient: `[M, C]`: gets `scale · weight · ∂(row's loss) / ∂outputs`, and the outputs are overwritten. In float32
    ///     it may be the memory of `outputs`.
    ///   - hits: the first M numbers get 1 where the row's prediction is right (see ``LossFunction``), else 0.
    func loss(
        _ function: LossFunction, outputs: Matrix, targets: LossTargets, weights: [Float]?, scale: Float,
        gradient: Operand?, losses: Matrix, hits: Matrix?)

    /// `table = 0`, then `table[tokens[r]] += rows[r]` for each row in order.
    func scatter(_ rows: Operand, tokens: [Int32], into table: Matrix)
    /// `sums [1, N] = ` the sums over the rows of `matrix [M, N]`.
    func columnSums(_ matrix: Operand, into sums: Matrix)

    /// The sum of the squares of all numbers.
    func sumOfSquares(_ matrix: Matrix) -> Double
    /// The scalar product of two rows of equal length.
    func dot(_ x: Matrix, _ y: Matrix) -> Float
    /// `y += alpha · x`.
    func addScaled(_ alpha: Float, _ x: Matrix, to y: Matrix)
    /// One Adam step over flat buffers of equal size.
    func adamStep(_ step: AdamStep, gradients: Matrix, parameters: Matrix, means: Matrix, squares: Matrix)
    /// One step of gradient descent over flat buffers of equal size, with `d = clamp(scale · gradients, ±limit)`:
    /// `parameters −= rate · d`, or, where there are `velocities`, `velocities = momentum · velocities + d` and
    /// `parameters −= rate · velocities`.
    func sgdStep(
        rate: Float, scale: Float, limit: Float, momentum: Float, gradients: Matrix, parameters: Matrix,
        velocities: Matrix?)
}

extension Backend {
    /// The precision that `choice` asks for.
    package func resolve(_ choice: Precision) -> OperandPrecision {
        switch choice {
        case .automatic: fasterPrecision
        case .float32: .float32
        case .bfloat16: .bfloat16
        }
    }

    /// Runs `body`, and counts its time for `part` where time is counted.
    package func measure<Result>(_ part: Profile.Part, _ body: () throws -> Result) rethrows -> Result {
        guard let profile else { return try body() }
        return try profile.measure(part, body)
    }
}

/// The constants of one Adam step; ``scale`` and ``limit`` are the clipping, folded in.
package struct AdamStep {
    package var learningRate: Float
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float
    /// `1 − beta1^t`.
    package var correction1: Float
    /// `√(1 − beta2^t)`.
    package var correction2: Float
    /// What every gradient is multiplied by first.
    package var scale: Float
    /// The largest magnitude a gradient may have then.
    package var limit: Float
    /// Parameters are multiplied by `1 − decay` before the update: the learning rate times the weight decay (decoupled
    /// weight decay; Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019).
    package var decay: Float

    package init(
        learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, correction1: Float, correction2: Float,
        scale: Float, limit: Float, decay: Float = 0
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.correction1 = correction1
        self.correction2 = correction2
        self.scale = scale
        self.limit = limit
        self.decay = decay
    }
}

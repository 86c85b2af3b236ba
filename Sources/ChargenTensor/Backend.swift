/// The operations that a device must provide: the boundary behind which another processor (a GPU, for example) can be
/// added.
///
/// Each requirement is a whole operation, so that a device can run it as one launch. All matrices are row-major. Passing
/// shapes that do not match is a programmer's error: the operation traps and shows both shapes.
package protocol Backend: Sendable {
    /// The precision that ``Precision/automatic`` means on this backend.
    var fasterPrecision: OperandPrecision { get }
    /// The profile that collects times; nil where times are not measured.
    var profile: Profile? { get }

    /// Allocates a packed matrix `[rows, columns]`: the order in which products read their right operand.
    func makePacked(rows: Int, columns: Int, precision: OperandPrecision) -> PackedMatrix
    /// Allocates a packed recurrent kernel `[H, gates·H]`, in which all gates of a unit lie together.
    func makePackedGates(hiddenSize: Int, gates: Int, precision: OperandPrecision) -> PackedMatrix
    /// Packs `matrix`, or its transpose, into `packed`.
    func pack(_ matrix: Matrix, transposed: Bool, into packed: PackedMatrix)
    /// Packs a recurrent kernel `[H, gates·H]` into `packed`.
    func packGates(_ kernel: Matrix, into packed: PackedMatrix)
    /// Rounds `matrix` to the precision of `operand`, of the same shape.
    func convert(_ matrix: Matrix, into operand: Operand)

    /// Computes `result [M, N] = left [M, K] · right [K, N] + bias [1, N]`.
    func product(_ left: Operand, _ right: PackedMatrix, bias: Matrix?, into result: Matrix)
    /// Allocates scratch memory for ``transposedProduct(_:_:scratch:into:)``. Only one call at a time may use it.
    func makeScratch() -> Storage
    /// Computes `result [M, N] = leftᵀ · right` of `left [K, M]` and `right [K, N]`, both of one precision: the gradient
    /// of a kernel from a layer's inputs and the gradient of its outputs.
    func transposedProduct(_ left: Operand, _ right: Operand, scratch: Storage, into result: Matrix)

    /// Runs the forward pass of a recurrent layer over the steps of `pass`; ``RecurrentPass`` describes the buffers.
    func recurrentForward(_ pass: RecurrentPass)
    /// Runs the backward pass of a recurrent layer over the steps of `pass`, last step first.
    func recurrentBackward(_ pass: RecurrentPass, gradient: RecurrentPassGradient)

    /// Computes `values = activation(values)` in place; softmax row by row.
    func activate(_ activation: Activation, _ values: Matrix)
    /// Turns the gradient of an activation's `values` into the gradient of its inputs, in place. Both have one shape.
    func differentiate(_ activation: Activation, values: Matrix, gradient: Matrix)
    /// Applies dropout to `values`: some of them become zero and the others are scaled; see ``DropoutDraw``. `values` and
    /// `result` may be the same memory. Rows that are `period` apart drop the same columns.
    func dropout(_ draw: DropoutDraw, _ values: Operand, period: Int, into result: Operand)

    /// Computes the loss of each row of `outputs [M, C]` against its target, times the row's weight (1 where `weights` is
    /// nil), and writes it to the first M numbers of `losses`. A row with weight zero has no loss, no hit and a gradient of
    /// zero, and its outputs and targets are not read.
    /// - Parameters:
    ///   - gradient: `[M, C]`, or nil: receives `scale · weight · ∂(row's loss) / ∂outputs`, and the outputs are
    ///     overwritten. In float32 it may be the memory of `outputs`.
    ///   - hits: the first M numbers become 1 where the row's prediction is right (see ``LossFunction``), else 0.
    func loss(
        _ function: LossFunction, outputs: Matrix, targets: LossTargets, weights: [Float]?, scale: Float,
        gradient: Operand?, losses: Matrix, hits: Matrix?)

    /// Sets `table` to zero, then adds row `r` of `rows` to `table[tokens[r]]`, for each `r` in order.
    func scatter(_ rows: Operand, tokens: [Int32], into table: Matrix)
    /// Computes the column sums `sums [1, N]` of `matrix [M, N]`.
    func columnSums(_ matrix: Operand, into sums: Matrix)

    /// Returns the sum of the squares of all numbers.
    func sumOfSquares(_ matrix: Matrix) -> Double
    /// Returns the scalar product of two matrices with equally many numbers.
    func dot(_ x: Matrix, _ y: Matrix) -> Float
    /// Computes `y += alpha · x`.
    func addScaled(_ alpha: Float, _ x: Matrix, to y: Matrix)
    /// Applies one Adam step to flat buffers of equal size.
    func adamStep(_ step: AdamStep, gradients: Matrix, parameters: Matrix, means: Matrix, squares: Matrix)
    /// Applies one step of gradient descent to flat buffers of equal size. With `d = clamp(scale · gradients, ±limit)`:
    /// `parameters −= rate · d`, or, where there are `velocities`, `velocities = momentum · velocities + d` and
    /// `parameters −= rate · velocities`.
    func sgdStep(
        rate: Float, scale: Float, limit: Float, momentum: Float, gradients: Matrix, parameters: Matrix,
        velocities: Matrix?)
}

extension Backend {
    /// The operand precision that `choice` means on this backend.
    package func resolve(_ choice: Precision) -> OperandPrecision {
        switch choice {
        case .automatic: fasterPrecision
        case .float32: .float32
        case .bfloat16: .bfloat16
        }
    }

    /// Runs `body` and, where there is a ``profile``, adds its time to `part`.
    package func measure<Result>(_ part: Profile.Part, _ body: () throws -> Result) rethrows -> Result {
        guard let profile else { return try body() }
        return try profile.measure(part, body)
    }
}

/// The constants of one Adam step. ``scale`` and ``limit`` clip the gradients.
package struct AdamStep {
    package var learningRate: Float
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float
    /// `1 − beta1^t`.
    package var correction1: Float
    /// `√(1 − beta2^t)`.
    package var correction2: Float
    /// The factor that every gradient is multiplied by first (clipping by norm).
    package var scale: Float
    /// The largest magnitude of a gradient after that (clipping by value).
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

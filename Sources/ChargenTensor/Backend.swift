/// The operations that a device must provide: the boundary behind which another processor (a GPU, for example) can be
/// added.
///
/// A backend owns all memory that it computes with. ``Matrix``, ``Operand``, ``PackedMatrix``, ``Indices``, ``Mask`` and
/// ``Scalars`` are views of its storage, and numbers reach the host only through explicit copies (`values`). Each requirement
/// is a whole operation, so that a device can run it as one launch, and none of them gives the host a number that it would
/// have to wait for. All matrices are row-major. Passing shapes that do not match is a programmer's error: the operation traps
/// and shows both shapes.
package protocol Backend: AnyObject, Sendable {
    /// The precision that ``Precision/automatic`` means on this backend.
    var fasterPrecision: OperandPrecision { get }
    /// The precision that ``StreamPrecision/automatic`` means on this backend.
    var fasterStreamPrecision: StreamPrecision { get }
    /// The profile that collects times; nil where times are not measured.
    var profile: Profile? { get }

    // MARK: Memory

    /// Allocates `count` words of memory, all zero.
    func makeStorage(count: Int) -> any Storage
    /// Copies `source` to `result`, of the same shape, and converts the numbers to the precision of `result`.
    func copy(_ source: Operand, into result: Operand)
    /// Copies row `rows[r]` of `source` to row `r` of `result`, of the same width and precision.
    func gather(_ source: Operand, _ rows: Indices, into result: Operand)
    /// Overwrites all numbers with `value`.
    func fill(_ values: Operand, with value: Float)
    /// Overwrites the rows of `rows [R, V]` with zeros, except for a one in column `tokens[r]` of row `r`.
    func oneHot(_ tokens: Indices, into rows: Matrix)

    // MARK: Products

    /// Allocates a packed matrix `[rows, columns]`: the order in which products read their right operand.
    func makePacked(rows: Int, columns: Int, precision: OperandPrecision) -> PackedMatrix
    /// Allocates a packed recurrent kernel `[H, gates·H]`, in which all gates of a unit lie together.
    func makePackedGates(hiddenSize: Int, gates: Int, precision: OperandPrecision) -> PackedMatrix
    /// Packs `matrix`, or its transpose, into `packed`.
    func pack(_ matrix: Matrix, transposed: Bool, into packed: PackedMatrix)
    /// Packs a recurrent kernel `[H, gates·H]` into `packed`.
    func packGates(_ kernel: Matrix, into packed: PackedMatrix)
    /// Computes `result [M, N] = left [M, K] · right [K, N] + bias [1, N]`.
    func product(_ left: Operand, _ right: PackedMatrix, bias: Matrix?, into result: Matrix)
    /// Allocates scratch memory for ``transposedProduct(_:_:scratch:into:)``. Only one call at a time may use it.
    func makeScratch() -> any Storage
    /// Computes `result [M, N] = leftᵀ · right` of `left [K, M]` and `right [K, N]`, both of one precision: the gradient
    /// of a kernel from a layer's inputs and the gradient of its outputs.
    func transposedProduct(_ left: Operand, _ right: Operand, scratch: any Storage, into result: Matrix)

    // MARK: Layers

    /// Allocates scratch memory for the forward passes of layers of kind `kind` whose products are normalized. Only one call at
    /// a time may use it.
    func makeNormScratch(_ kind: CellKind, hiddenSize: Int, batchSize: Int) -> any Storage
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
    /// Sets `table` to zero, then adds row `r` of `rows` to `table[tokens[r]]`, for each `r` in order.
    func scatter(_ rows: Operand, tokens: Indices, into table: Matrix)
    /// Computes the column sums `sums [1, N]` of `matrix [M, N]`.
    func columnSums(_ matrix: Operand, into sums: Matrix)
    /// Computes the column sums `sums [1, N]` of the element-wise product of two operands `[M, N]` of one precision.
    func columnSums(ofProducts left: Operand, _ right: Operand, into sums: Matrix)
    /// Computes `y += alpha · x` of two matrices with equally many numbers.
    func addScaled(_ alpha: Float, _ x: Matrix, to y: Matrix)
    /// Computes `mean += rate · (x − mean)` of two matrices with equally many numbers: one step of a running mean.
    func average(_ rate: Float, _ x: Matrix, into mean: Matrix)
    /// Computes `y *= x`, number by number, of two matrices with equally many numbers.
    func multiply(_ y: Matrix, by x: Matrix)

    // MARK: Losses and reductions

    /// Computes the loss of each row of `outputs [M, C]` against its target, times the row's weight (1 where `weights` is
    /// nil), and writes it to the first M numbers of `losses`. A row with weight zero has no loss, no hit and a gradient of
    /// zero, and its outputs and targets are not read.
    /// - Parameters:
    ///   - weights: `[1, M]`, or nil.
    ///   - gradient: `[M, C]`, or nil: receives `scale · weight · ∂(row's loss) / ∂outputs`, and the outputs are
    ///     overwritten. In float32 it may be the memory of `outputs`.
    ///   - hits: the first M numbers become 1 where the row's prediction is right (see ``LossFunction``), else 0.
    func loss(
        _ function: LossFunction, outputs: Matrix, targets: LossTargets, weights: Matrix?, scale: Float,
        gradient: Operand?, losses: Matrix, hits: Matrix?)
    /// Writes the sum of all numbers to `scalars[index]`.
    func sum(_ matrix: Matrix, into scalars: Scalars, at index: Int)
    /// Writes the sum of the squares of all numbers of all matrices to `scalars[index]`.
    func sumOfSquares(_ matrices: [Matrix], into scalars: Scalars, at index: Int)

    // MARK: Optimizers

    /// Decides how an optimizer step scales its gradients, or that there is no step: see ``StepRule``.
    func decide(_ rule: StepRule, _ sums: StepSums)
    /// Applies one Adam step to flat buffers of equal size, unless `sums` says that there is none.
    func adamStep(
        _ step: AdamStep, _ sums: StepSums, gradients: Matrix, parameters: Matrix, means: Matrix, squares: Matrix)
    /// Applies one step of gradient descent to flat buffers of equal size, unless `sums` says that there is none. With
    /// `d = clamp(scale · gradients, ±limit)`: `parameters −= rate · d`, or, where there are `velocities`,
    /// `velocities = momentum · velocities + d` and `parameters −= rate · velocities`, or, where `isNesterov` is true,
    /// `parameters −= rate · (momentum · velocities + d)`.
    func sgdStep(
        rate: Float, limit: Float, momentum: Float, isNesterov: Bool, _ sums: StepSums, gradients: Matrix,
        parameters: Matrix, velocities: Matrix?)
    /// Applies one step of ``AdaptiveStep`` to flat buffers of equal size, unless `sums` says that there is none. Without
    /// `means`, the mean of the gradient counts as zero; without `velocities`, there is no momentum.
    func adaptiveStep(
        _ step: AdaptiveStep, _ sums: StepSums, gradients: Matrix, parameters: Matrix, means: Matrix?, squares: Matrix,
        velocities: Matrix?)

    // MARK: Decoding

    /// Prepares the weights of `model` for decoding: what ``makeStreams(_:capacity:)`` reads.
    func makeDecodingWeights(_ model: DecodingModel, precision: StreamPrecision) -> any DecodingWeights
    /// Allocates the states of up to `capacity` streams that read with `weights`, which this backend has made.
    func makeStreams(_ weights: any DecodingWeights, capacity: Int) -> any DecodingStreams
    /// Replaces the host's logits by their softmax weights `exp(logit − largest)` and returns the sum of the weights, which is
    /// NaN if a logit is NaN or the largest one is not finite.
    func softmaxWeights(of logits: inout [Float]) -> Float
    /// Returns the first index at which the sum of the weights up to it exceeds `target`; the last one whose weight is not
    /// zero, where none does.
    func draw(from weights: [Float], below target: Double) -> Int
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

import ChargenTensor

/// A recurrent cell: its parameters, its state and how a state follows from the one before.
///
/// A new kind of cell conforms to this and is a layer at once, through ``Recurrent``. A pass may be asked for any range
/// of steps; asked for one step after the other it must give what it gives for all at once, so a cell is free to run a
/// fused path over the whole range.
package protocol RecurrentCell: Sendable {
    /// What the steps of a pass write and its way back reads.
    associatedtype Tape

    /// Width of the input, D; V for one-hot inputs.
    var inputSize: Int { get }
    /// Units, H.
    var hiddenSize: Int { get }

    /// Declares the cell's parameters under `name`; `inputSize` is V for one-hot inputs.
    init(name: String, inputSize: Int, hiddenSize: Int, layout: inout ParameterLayout)

    /// Draws initial values.
    func initialize(
        _ parameters: ParameterBuffer, oneHot: Bool, using random: inout RandomSource, on backend: any Backend)

    /// Memory for passes of `size`.
    func makeTape(_ size: PassSize, input: CellInput.Kind, on backend: any Backend) -> Tape

    /// Packs the parameters into the tape; to be called again whenever they have changed.
    func prepare(_ tape: Tape, parameters: ParameterBuffer, on backend: any Backend)

    /// Makes `state` the state before step 0; nil is the zero state.
    func setInitialState(_ state: LayerState?, of tape: Tape, batchSize: Int, on backend: any Backend)
    /// The state before step `step`.
    func state(before step: Int, of tape: Tape, batchSize: Int, into state: inout LayerState)

    /// Runs `steps` of `input`, which has at least as many.
    func forward(
        steps: Range<Int>, input: CellInput, batchSize: Int, tape: Tape, parameters: ParameterBuffer,
        on backend: any Backend)
    /// The hidden states `[T·N, H]` after each of the first `steps` steps.
    func outputs(of tape: Tape, steps: Int, batchSize: Int) -> Operand

    /// Sets the gradient of the state after the last step; nil is zero.
    func setFinalStateGradient(_ gradient: LayerState?, of tape: Tape, batchSize: Int)
    /// Goes back over `steps`, once after each `forward`: from the gradient of the outputs `[T·N, H]`, and of the state
    /// after the last of the steps, to that of the state before the first.
    func backward(steps: Range<Int>, batchSize: Int, outputGradient: Matrix, tape: Tape, on backend: any Backend)
    /// The gradient of the state before the first step that was gone back over.
    func stateGradient(of tape: Tape, batchSize: Int) -> LayerState
    /// Writes the parameters' gradients, once `backward` has gone over all of the first `steps` steps, and that of the
    /// input's rows into `inputGradient`, where they are not one-hot.
    func parameterGradients(
        into gradients: ParameterBuffer, inputGradient: Matrix?, steps: Int, input: CellInput, batchSize: Int,
        tape: Tape, on backend: any Backend)
}

/// The largest pass that there is memory for, and how it computes.
package struct PassSize {
    /// Time steps, T.
    package var steps: Int
    /// Sequences side by side, N.
    package var batchSize: Int
    /// Whether there is a way back.
    package var training: Bool
    /// Of what products read.
    package var precision: OperandPrecision

    package init(steps: Int, batchSize: Int, training: Bool, precision: OperandPrecision) {
        self.steps = steps
        self.batchSize = batchSize
        self.training = training
        self.precision = precision
    }

    /// T·N.
    package var rows: Int { steps * batchSize }
}

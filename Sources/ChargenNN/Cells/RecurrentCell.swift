import ChargenTensor

/// A recurrent cell: its parameters, its state and how a state follows from the one before.
///
/// A new kind of cell conforms to this and is a layer at once, through ``Recurrent``. A pass may be asked for any range
/// of steps; asked for one step after the other it must give what it gives for all at once, so a cell is free to run a
/// fused path over the whole range.
package protocol RecurrentCell: Sendable {
    /// What the steps of a pass write and its way back reads.
    associatedtype Tape

    /// Units, H.
    var hiddenSize: Int { get }

    /// Declares the cell's parameters under `name`; `inputSize` is V for one-hot inputs.
    init(name: String, inputSize: Int, hiddenSize: Int, layout: inout ParameterLayout)

    /// Draws initial values.
    func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend)

    /// Memory for passes of up to `steps` by `batchSize`; with `training`, for the way back too.
    func makeTape(steps: Int, batchSize: Int, training: Bool, on backend: any Backend) -> Tape

    /// Packs the parameters into the tape; to be called again whenever they have changed.
    func prepare(_ tape: Tape, parameters: ParameterBuffer, on backend: any Backend)

    /// Makes `state` the state before step 0; nil is the zero state.
    func setInitialState(_ state: LayerState?, of tape: Tape, batchSize: Int)
    /// The state before step `step`.
    func state(before step: Int, of tape: Tape, batchSize: Int, into state: inout LayerState)

    /// Runs `steps` on the tokens `[T, N]`, each a one-hot input.
    func forward(
        steps: Range<Int>, tokens: [Int32], batchSize: Int, tape: Tape, parameters: ParameterBuffer,
        on backend: any Backend)
    /// The hidden states `[T·N, H]` after each of the first `steps` steps.
    func outputs(of tape: Tape, steps: Int, batchSize: Int) -> Matrix

    /// Sets the gradient of the state after the last step; nil is zero.
    func setFinalStateGradient(_ gradient: LayerState?, of tape: Tape, batchSize: Int)
    /// Goes back over `steps`: from the gradient of the outputs `[T·N, H]`, and of the state after the last of the
    /// steps, to that of the state before the first.
    func backward(steps: Range<Int>, batchSize: Int, outputGradient: Matrix, tape: Tape, on backend: any Backend)
    /// The gradient of the state before the first step that was gone back over.
    func stateGradient(of tape: Tape, batchSize: Int) -> LayerState
    /// Writes the parameters' gradients, once `backward` has gone over all of the first `steps` steps.
    func parameterGradients(
        into gradients: ParameterBuffer, steps: Int, tokens: [Int32], batchSize: Int, tape: Tape,
        on backend: any Backend)
}

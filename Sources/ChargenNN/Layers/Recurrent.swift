import ChargenTensor

/// A recurrent layer: a cell run over time. State goes in and comes out; nothing is remembered between calls but the
/// tape of the last one, for the way back.
package struct Recurrent<Cell: RecurrentCell> {
    package let cell: Cell
    package let tape: Cell.Tape
    private let backend: any Backend

    package init(_ cell: Cell, size: PassSize, input: CellInput.Kind, on backend: any Backend) {
        self.cell = cell
        self.backend = backend
        tape = cell.makeTape(size, input: input, on: backend)
    }

    package func prepare(parameters: ParameterBuffer) { cell.prepare(tape, parameters: parameters, on: backend) }

    /// Runs all steps of `input` from `state`, which becomes the final state; returns the outputs `[T·N, H]`.
    package func forward(
        _ input: CellInput, steps: Int, batchSize: Int, state: inout LayerState, parameters: ParameterBuffer
    ) -> Operand {
        cell.setInitialState(state, of: tape, batchSize: batchSize, on: backend)
        cell.forward(
            steps: 0..<steps, input: input, batchSize: batchSize, tape: tape, parameters: parameters, on: backend)
        cell.state(before: steps, of: tape, batchSize: batchSize, into: &state)
        return cell.outputs(of: tape, steps: steps, batchSize: batchSize)
    }

    /// Goes back over all steps of the last ``forward(_:steps:batchSize:state:parameters:)``, once: writes the
    /// parameters' gradients, and that of the input's rows into `inputGradient`, which may be the memory of
    /// `outputGradient [T·N, H]`.
    package func backward(
        _ input: CellInput, steps: Int, batchSize: Int, outputGradient: Matrix, finalStateGradient: LayerState?,
        inputGradient: Matrix?, gradients: ParameterBuffer
    ) {
        cell.setFinalStateGradient(finalStateGradient, of: tape, batchSize: batchSize)
        cell.backward(
            steps: 0..<steps, batchSize: batchSize, outputGradient: outputGradient, tape: tape, on: backend)
        cell.parameterGradients(
            into: gradients, inputGradient: inputGradient, steps: steps, input: input, batchSize: batchSize, tape: tape, on: backend)
    }

    /// The gradient of the state that the last pass began with.
    package func initialStateGradient(batchSize: Int) -> LayerState {
        cell.stateGradient(of: tape, batchSize: batchSize)
    }
}

import ChargenTensor

/// A recurrent layer: a cell run over time. State goes in and comes out; nothing is remembered between calls but the
/// tape of the last one, for the way back.
package struct Recurrent<Cell: RecurrentCell> {
    package let cell: Cell
    package let tape: Cell.Tape
    private let backend: any Backend

    package init(_ cell: Cell, steps: Int, batchSize: Int, training: Bool, on backend: any Backend) {
        self.cell = cell
        self.backend = backend
        tape = cell.makeTape(steps: steps, batchSize: batchSize, training: training, on: backend)
    }

    package func prepare(parameters: ParameterBuffer) { cell.prepare(tape, parameters: parameters, on: backend) }

    /// Runs all steps on `tokens` `[T, N]` from `state`, which becomes the final state; returns the outputs `[T·N, H]`.
    package func forward(
        tokens: [Int32], steps: Int, batchSize: Int, state: inout LayerState, parameters: ParameterBuffer
    ) -> Matrix {
        cell.setInitialState(state, of: tape, batchSize: batchSize)
        cell.forward(
            steps: 0..<steps, tokens: tokens, batchSize: batchSize, tape: tape, parameters: parameters, on: backend)
        cell.state(before: steps, of: tape, batchSize: batchSize, into: &state)
        return cell.outputs(of: tape, steps: steps, batchSize: batchSize)
    }

    /// Goes back over all steps of the last ``forward(tokens:steps:batchSize:state:parameters:)``: writes the
    /// parameters' gradients. `outputGradient` is `[T·N, H]`.
    package func backward(
        tokens: [Int32], steps: Int, batchSize: Int, outputGradient: Matrix, finalStateGradient: LayerState?,
        gradients: ParameterBuffer
    ) {
        cell.setFinalStateGradient(finalStateGradient, of: tape, batchSize: batchSize)
        cell.backward(
            steps: 0..<steps, batchSize: batchSize, outputGradient: outputGradient, tape: tape, on: backend)
        cell.parameterGradients(
            into: gradients, steps: steps, tokens: tokens, batchSize: batchSize, tape: tape, on: backend)
    }

    /// The gradient of the state that the last pass began with.
    package func initialStateGradient(batchSize: Int) -> LayerState {
        cell.stateGradient(of: tape, batchSize: batchSize)
    }
}

import ChargenTensor

/// What passes from layer to layer in the forward pass.
package struct Signal {
    /// The rows: `[T·N]` time-major, or `[N]`.
    package var rows: InputRows
    /// Time steps, T; nil where there is one row for each sequence.
    package var steps: Int?
    /// Sequences side by side, N.
    package var batchSize: Int
    /// `[T·N]`: zero for steps that are padding; nil where there are none.
    package var mask: [UInt8]?
    /// Initial states for the recurrent layers that are still to come, in their order; the others begin with zero.
    package var initialStates: [BatchState] = []
    /// Final states that recurrent layers have returned, in their order.
    package var finalStates: [BatchState] = []

    package init(rows: InputRows, steps: Int?, batchSize: Int, mask: [UInt8]? = nil) {
        self.rows = rows
        self.steps = steps
        self.batchSize = batchSize
        self.mask = mask
    }

    /// The signal with other rows.
    package func with(_ rows: InputRows) -> Signal {
        var signal = self
        signal.rows = rows
        return signal
    }

    /// The signal with other numbers in its rows.
    package func with(_ rows: Matrix) -> Signal { with(.numbers(Operand(rows))) }

    /// The rows as a float32 matrix, in `memory` unless they exist in this form.
    /// - Throws: ``LayerError/wrongInput(expected:found:)`` for token ids.
    package func matrix(_ memory: ReusedMemory, on backend: any Backend) throws -> Matrix {
        guard let matrix = rows.matrix(memory: memory, on: backend) else { throw Signal.tokensForNumbers }
        return matrix
    }

    /// The rows in the precision of the pass's products, in `memory` unless they exist in this form.
    /// - Throws: ``LayerError/wrongInput(expected:found:)`` for token ids.
    func operand(_ memory: ReusedMemory, _ pass: PassContext) throws -> Operand {
        let precision = pass.parameters.precision
        guard let operand = rows.operand(in: precision, memory: memory, on: pass.backend) else {
            throw Signal.tokensForNumbers
        }
        return operand
    }

    /// The token ids, each of which is below `limit`.
    /// - Throws: ``LayerError``.
    func tokens(below limit: Int) throws -> [Int32] {
        guard case .tokens(let tokens) = rows else {
            throw LayerError.wrongInput(expected: "token ids", found: "numbers")
        }
        if let bad = tokens.firstIndex(where: { $0 < 0 || $0 >= limit }) {
            throw LayerError.unknownToken(
                tokens[bad], sequence: bad % batchSize, step: bad / batchSize, allowed: 0..<limit)
        }
        return tokens
    }

    private static let tokensForNumbers = LayerError.wrongInput(expected: "numbers", found: "token ids")
}

/// The gradient of a ``Signal``: what passes from layer to layer in the backward pass.
package struct SignalGradient {
    /// The gradient of the rows, of their shape, or of the table's rows where ``isOfTable`` is true; nil for token ids.
    package var rows: Operand?
    /// Whether ``rows`` is the gradient of the table that the rows were gathered from, `[U, D]`.
    package var isOfTable = false
    /// Whether ``rows`` is the gradient of the pre-activations of the layer that it comes to.
    package var isBeforeActivation = false
    /// The gradients of the final states that layers below have returned, in their order.
    package var finalStates: [BatchState] = []
    /// The gradients of the initial states of the layers above, in their order.
    package var initialStates: [BatchState] = []

    package init(rows: Operand?, finalStates: [BatchState] = [], isBeforeActivation: Bool = false) {
        self.rows = rows
        self.finalStates = finalStates
        self.isBeforeActivation = isBeforeActivation
    }

    /// The gradient of the rows as a float32 matrix, in `memory` unless it exists in this form.
    func matrix(_ memory: ReusedMemory, on backend: any Backend) -> Matrix {
        guard let matrix = rows.flatMap({ InputRows.numbers($0).matrix(memory: memory, on: backend) }) else {
            preconditionFailure("token ids have no gradient")
        }
        return matrix
    }

    /// The gradient of the rows in the precision of the pass's products.
    func operand(_ memory: ReusedMemory, _ pass: PassContext) -> Operand {
        let precision = pass.parameters.precision
        guard let rows, let operand = InputRows.numbers(rows).operand(in: precision, memory: memory, on: pass.backend)
        else { preconditionFailure("token ids have no gradient") }
        return operand
    }

    /// The gradient of a signal one layer further down.
    func with(_ rows: Matrix?, isOfTable: Bool = false) -> SignalGradient {
        var gradient = self
        gradient.rows = rows.map { Operand($0) }
        gradient.isOfTable = isOfTable
        gradient.isBeforeActivation = false
        return gradient
    }
}

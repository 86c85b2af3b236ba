import ChargenTensor

/// What passes from layer to layer.
package struct Signal {
    /// `[T·N, D]` time-major, or `[N, D]`; nil for token ids.
    package var values: Matrix?
    /// `[T·N]` time-major: token ids.
    package var tokens: [Int32] = []
    /// Time steps, T; nil where there is no time any more.
    package var steps: Int?
    /// Sequences side by side, N.
    package var batchSize: Int
    /// `[T·N]`: zero for steps that are not to be looked at; nil where all are.
    package var mask: [UInt8]?
    /// States for recurrent layers that are still to come, in their order; those without one begin with zero.
    package var initialStates: [LayerState] = []
    /// States that recurrent layers have returned, in their order.
    package var finalStates: [LayerState] = []

    package init(values: Matrix?, tokens: [Int32] = [], steps: Int?, batchSize: Int, mask: [UInt8]? = nil) {
        self.values = values
        self.tokens = tokens
        self.steps = steps
        self.batchSize = batchSize
        self.mask = mask
    }

    /// The numbers, for layers that take no token ids.
    package func numbers() throws -> Matrix {
        guard let values else { throw LayerError.wrongInput(expected: "numbers", found: "token ids") }
        return values
    }

    /// The signal with other numbers in its rows.
    package func with(_ values: Matrix) -> Signal {
        var signal = self
        signal.values = values
        signal.tokens = []
        return signal
    }
}

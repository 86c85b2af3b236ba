import ChargenTensor

/// What is known of a signal before there is one.
package struct SignalShape: Sendable, Equatable {
    /// Numbers in a row, D; nil for token ids.
    package var width: Int?
    /// Whether there is a row for each time step, or one for each sequence.
    package var hasTime: Bool

    package init(width: Int?, hasTime: Bool) {
        self.width = width
        self.hasTime = hasTime
    }
}

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

/// The gradient of a ``Signal``.
package struct SignalGradient {
    /// Of the numbers, of their shape; nil for token ids.
    package var values: Matrix?
    /// Of the states that layers further back have returned, in their order.
    package var finalStates: [LayerState]
    /// Of the states that layers gone back over began with, in their order.
    package var initialStates: [LayerState] = []
    /// Whether ``values`` are those of the sums before the activation of the layer that they come to.
    package var beforeActivation = false

    package init(values: Matrix?, finalStates: [LayerState] = [], beforeActivation: Bool = false) {
        self.values = values
        self.finalStates = finalStates
        self.beforeActivation = beforeActivation
    }

    /// The gradient's numbers.
    func numbers() -> Matrix {
        guard let values else { preconditionFailure("token ids have no gradient") }
        return values
    }

    /// The gradient with other numbers, of a signal one layer further back.
    func with(_ values: Matrix?) -> SignalGradient {
        var gradient = self
        gradient.values = values
        gradient.beforeActivation = false
        return gradient
    }
}

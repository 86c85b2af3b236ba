import ChargenTensor

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

/// What training of an ``RNNModel`` drops.
package struct DropoutRates: Sendable, Equatable {
    /// The share of each recurrent layer's outputs that the layer above does not see, drawn anew for every step (Zaremba,
    /// Sutskever and Vinyals, "Recurrent Neural Network Regularization", 2014).
    package var outputs: Float = 0
    /// The share of the states that the product with them does not see, the same at every step of a batch.
    package var recurrent: Float = 0

    package init(outputs: Float = 0, recurrent: Float = 0) {
        self.outputs = outputs
        self.recurrent = recurrent
    }
}

/// How a fit went, epoch by epoch.
public struct History: Sendable, Equatable {
    /// One time through the examples.
    public struct Epoch: Sendable, Equatable {
        /// Counted from 1.
        public let number: Int
        /// Mean loss of the examples, each as it was when it was learned from.
        public let loss: Double
        /// Share of the examples that were told right; nil where there are no classes.
        public let accuracy: Double?
        /// Mean loss of the validation examples after the epoch; nil where there are none.
        public let validationLoss: Double?
        /// Share of the validation examples that are told right.
        public let validationAccuracy: Double?
        /// Seconds that the epoch took, its validation included.
        public let seconds: Double
    }

    /// In the order in which they were.
    public internal(set) var epochs: [Epoch] = []
}

import ChargenNN
import ChargenTensor

/// How a model is trained. What is nil is chosen to fit the text; see ``TrainingPlan``.
public struct TrainingOptions: Sendable, Equatable {
    /// How batches follow each other.
    public enum Batching: String, Sendable, Codable, CaseIterable {
        /// Each continues the one before it, and the state is carried.
        case consecutive
        /// Examples in random order, each from the zero state.
        case random
    }

    /// The recurrent cell.
    public var cell = RNNConfiguration.Cell.lstm
    /// Units of each recurrent layer, H.
    public var hiddenSize = 256
    /// Recurrent layers, one on top of the other, L.
    public var layers = 1
    /// Numbers in the learned vector that stands for a character, D; nil for one-hot inputs.
    public var embeddingSize: Int?
    /// The share of each recurrent layer's outputs that the layer above does not see, drawn anew for every step.
    public var dropout = 0.0
    /// The share of the states that the product with them does not see, the same at every step of a batch.
    public var recurrentDropout = 0.0
    /// Sequences side by side, N.
    public var batchSize: Int?
    /// Time steps that are learned from at once, T.
    public var steps: Int?
    /// How batches follow each other.
    public var batching = Batching.consecutive
    /// Times that the text is gone through.
    public var epochs: Int?
    /// The rule by which parameters change.
    public var optimizer = OptimizerKind.adam
    /// How far they change; by default what suits the optimizer.
    public var learningRate: Double?
    /// How the learning rate changes over the run.
    public var schedule = ScheduleKind.cosine
    /// Largest global norm of the gradient, θ; 0 for no limit.
    public var clipNorm = 1.0
    /// Largest magnitude of each number of the gradient; nil for no limit.
    public var clipValue: Double?
    /// Share of the text, at its end, that is kept aside to measure on.
    public var validation: Double?
    /// Where all random numbers come from.
    public var seed: UInt64 = 0
    /// Of what products read.
    public var precision = Precision.automatic
    /// Threads to compute with; by default as many as the process may use. Results do not depend on it.
    public var threads: Int?

    /// The defaults, to be changed one by one.
    public init() {}
}

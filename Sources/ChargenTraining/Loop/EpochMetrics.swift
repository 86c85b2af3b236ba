import ChargenNN
import ChargenTensor

/// The metrics of one epoch, or of a measurement within it.
public struct EpochMetrics: Sendable, Equatable, Codable {
    /// The epoch, from 1.
    public internal(set) var epoch: Int
    /// Optimizer steps so far, over all epochs.
    public internal(set) var step: Int
    /// Trained predictions so far, over all epochs: characters of a text, examples, or steps of examples.
    public internal(set) var characters: Int
    /// Seconds of training so far, without validation and hooks.
    public internal(set) var seconds: Double
    /// Mean loss of the epoch's predictions, each before the step that learned from it: for a text, the negative
    /// log-likelihood of a character in nats. Within an epoch, it is that of the predictions since the last measurement, and so
    /// are the other means.
    public internal(set) var trainLoss: Double
    /// Share of the epoch's predictions that were right; nil where there are no classes, or where they are tokens.
    public internal(set) var accuracy: Double?
    /// The learning rate of the last step.
    public internal(set) var learningRate: Double
    /// The gradient's global norm before clipping, mean over the epoch's steps.
    public internal(set) var gradientNorm: Double
    /// Trained predictions in a second of the epoch.
    public internal(set) var charactersPerSecond: Double
    /// Mean loss of the validation data; nil where there is none, or where it was not measured: in an epoch that was stopped,
    /// and within epochs where it would take more than a twentieth of the training. For a text it is an estimate from streams
    /// side by side, within epochs from a part of the text, but at the end of the run, where it is exact.
    public internal(set) var validationLoss: Double?
    /// Share of the validation data that is predicted right; nil where there are no classes.
    public internal(set) var validationAccuracy: Double?
    /// Whether ``validationLoss`` is exact: read as one stream in float32.
    public internal(set) var validationIsExact = false
    /// Mean exact loss of the test data, at the end of the run; nil where there is none.
    public internal(set) var testLoss: Double?
    /// Whether ``testLoss`` is exact; see ``validationIsExact``.
    public internal(set) var testIsExact: Bool?
    /// Whether the epoch, or the run, was trained to its end; a measurement within an epoch is complete too.
    public internal(set) var isComplete = true
    /// Whether this is the last measurement of its epoch.
    public internal(set) var isEpochEnd = true

    /// `exp(trainLoss)`.
    public var perplexity: Double { exponential(trainLoss) }
}

/// The progress of a training run after a step.
public struct TrainingProgress: Sendable, Equatable {
    /// The epoch, from 1.
    public let epoch: Int
    /// Epochs of the whole run; infinite where it follows the clock.
    public let epochs: Double
    /// Steps of this epoch so far.
    public let step: Int
    /// Steps of a whole epoch.
    public let stepsPerEpoch: Int
    /// Mean loss of the epoch so far.
    public let loss: Double
    /// Trained predictions (characters, examples) in a second, over the run so far.
    public let charactersPerSecond: Double
    /// Seconds of training that are left if steps take as long as until now.
    public let secondsLeft: Double

    /// `exp(loss)`.
    public var perplexity: Double { exponential(loss) }
    /// The share of the run that is done, from 0 to 1.
    public let share: Double
}

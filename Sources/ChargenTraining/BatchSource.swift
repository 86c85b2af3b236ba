import ChargenTensor
import ChargenText

/// The batches of a training run, whichever way they follow each other.
enum BatchSource {
    case consecutive(ConsecutiveBatches)
    case random(RandomBatches, RandomSource)

    /// Draws from the second stream of `seed`; the first is for the weights.
    init(_ batching: TrainingOptions.Batching, tokens: [Int32], plan: TrainingPlan, seed: UInt64) throws {
        switch batching {
        case .consecutive:
            self = .consecutive(
                try ConsecutiveBatches(tokens: tokens, batchSize: plan.batchSize, steps: plan.steps))
        case .random:
            self = .random(
                try RandomBatches(tokens: tokens, batchSize: plan.batchSize, steps: plan.steps),
                RandomSource(seed: seed, stream: 1))
        }
    }

    /// Batches in an epoch.
    var batchCount: Int {
        switch self {
        case .consecutive(let batches): batches.batchCount
        case .random(let batches, _): batches.batchCount
        }
    }

    /// Characters that an epoch predicts.
    var characterCount: Int {
        switch self {
        case .consecutive(let batches): batches.streamLength * batches.batchSize
        case .random(let batches, _): batches.exampleCount * batches.steps
        }
    }

    /// Whether the state goes on from batch to batch.
    var carriesState: Bool {
        switch self {
        case .consecutive: true
        case .random: false
        }
    }

    /// The batches of the next epoch.
    mutating func nextEpoch() -> [TokenBatch] {
        switch self {
        case .consecutive(let batches):
            return batches.epoch()
        case .random(let batches, var random):
            defer { self = .random(batches, random) }
            return batches.epoch(using: &random)
        }
    }
}

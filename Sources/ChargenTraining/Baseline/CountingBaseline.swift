import ChargenNGrams
import ChargenNN

/// The loss of an n-gram model on held-out tokens: what counting alone can predict, beside the validation loss of a network.
///
///     let baseline = try CountingBaseline(training: tokens[..<split], heldOut: tokens[split...], vocabularySize: V)
///     print(baseline.order, baseline.evaluation.bitsPerCharacter)
///
/// The time is limited by the number of tokens that are read, for which a fixed speed is assumed; no clock is read. So the same
/// tokens and the same limit give the same loss. ``Trainer/computeBaseline(seconds:)`` computes the baseline of a run.
public struct CountingBaseline: Sendable, Equatable {
    /// The loss of the held-out tokens, and how many of them were predicted.
    public let evaluation: Evaluation
    /// The order n of the n-gram model (`NGramModel`): a prediction depends on the n − 1 tokens before it.
    public let order: Int
    /// The number of training tokens that were counted: the last ones of the training text.
    public let trainingTokens: Int
    /// Whether the limits of time and memory allowed only the last part of the training text.
    public let isTrainingTextLimited: Bool
    /// Whether the limit of time allowed only the first part of the held-out text.
    public let isHeldOutTextLimited: Bool

    /// The bytes that counting may use.
    public static let memoryLimit = 128_000_000

    /// Computes the baseline of a text.
    /// - Parameters:
    ///   - training: the training text, ids from 0 to V − 1.
    ///   - heldOut: the tokens that follow it; at least one.
    ///   - vocabularySize: V.
    ///   - seconds: the time that a desktop processor may take; nil for no limit.
    ///   - memoryLimit: the bytes that counting may use.
    /// - Throws: `NGramError`.
    public init(
        training: some BidirectionalCollection<Int32>, heldOut: some Collection<Int32>, vocabularySize: Int,
        seconds: Double? = nil, memoryLimit: Int = Self.memoryLimit
    ) throws {
        let extent = Extent(training: training.count, heldOut: heldOut.count, seconds: max(0, seconds ?? .infinity))
        let model = try NGramModel(
            tokens: training, vocabularySize: vocabularySize, order: extent.order, memoryLimit: memoryLimit,
            tokenLimit: extent.training)
        evaluation = try model.evaluate(heldOut.prefix(extent.heldOut), after: training)
        order = extent.order
        trainingTokens = model.tokensRead
        isTrainingTextLimited = trainingTokens < training.count
        isHeldOutTextLimited = extent.heldOut < heldOut.count
    }

    /// The order of an n-gram model, and how many tokens a limit of time lets it read.
    package struct Extent {
        package let order: Int
        package let training: Int
        package let heldOut: Int

        /// The seconds that counting and predicting these tokens are taken to need.
        package var seconds: Double {
            Self.costs[order].map { $0.training * Double(training) + $0.heldOut * Double(heldOut) } ?? 0
        }

        /// Seconds for counting a training token and for predicting a held-out one, by the order.
        private static let costs: [Int: (training: Double, heldOut: Double)] = [
            7: (4e-7, 5e-7), 6: (2e-7, 4e-7), 5: (1e-7, 3e-7),
        ]
        /// The longest training text for which 7-grams are better than 6-grams of the same memory.
        private static let longestForSevenGrams = 10_000_000
        /// The training tokens without which 6-grams are no better than 5-grams of twice as many.
        private static let leastForSixGrams = 1_000_000

        /// Chooses the highest order that may read all tokens. If none may, the time is divided between the two texts, and at
        /// most half of it is spent on the held-out one.
        package init(training: Int, heldOut: Int, seconds: Double) {
            for order in [7, 6, 5] where order < 7 || training <= Self.longestForSevenGrams {
                let cost = Self.costs[order]!
                if cost.training * Double(training) + cost.heldOut * Double(heldOut) <= seconds {
                    (self.order, self.training, self.heldOut) = (order, training, heldOut)
                    return
                }
            }
            func affordable(_ order: Int) -> (training: Int, heldOut: Int) {
                let cost = Self.costs[order]!
                let heldOutSeconds = min(cost.heldOut * Double(heldOut), seconds / 2)
                return (
                    min(training, Int((seconds - heldOutSeconds) / cost.training)),
                    min(heldOut, max(1, Int(heldOutSeconds / cost.heldOut)))
                )
            }
            order = affordable(6).training >= Self.leastForSixGrams ? 6 : 5
            (self.training, self.heldOut) = affordable(order)
        }
    }
}

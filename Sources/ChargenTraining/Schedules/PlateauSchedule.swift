/// A learning rate that falls where the validation loss does not get better, as with Keras's `ReduceLROnPlateau`. Without
/// validation data it is constant.
///
/// The validation losses that it counts are all those of the run: one for each epoch or more.
public struct PlateauSchedule: LearningRateSchedule {
    /// What the learning rate is multiplied by, above 0 and less than 1.
    public let reduction: Double
    /// The number of validations without a lower loss after which the learning rate falls.
    public let patience: Int
    /// How much lower a loss must be to count as better.
    public let leastImprovement: Double
    /// The least factor, from 0 to 1.
    public let end: Double

    /// - Parameters:
    ///   - reduction: what the learning rate is multiplied by, above 0 and less than 1; traps outside.
    ///   - patience: the number of validations without a lower loss after which the learning rate falls, 1 or more; traps
    ///     below.
    ///   - leastImprovement: how much lower a loss must be to count as better, 0 or more; traps below.
    ///   - end: the least factor, 0 to 1; traps outside.
    public init(reduction: Double = 0.5, patience: Int = 3, leastImprovement: Double = 1e-4, end: Double = 0.01) {
        precondition(
            reduction > 0 && reduction < 1 && patience >= 1 && leastImprovement >= 0,
            "a reduction by \(reduction) after \(patience) validations without an improvement of \(leastImprovement)")
        self.reduction = reduction
        self.patience = patience
        self.leastImprovement = leastImprovement
        self.end = checkedEnd(end)
    }

    /// The schedule's name: `plateau`, with its numbers where they are not the defaults.
    public var name: String {
        let usual = PlateauSchedule(), kind = named(.plateau, end: end)
        return reduction == usual.reduction && patience == usual.patience && leastImprovement == usual.leastImprovement
            ? kind : "\(kind) by \(reduction) after \(patience) without \(leastImprovement)"
    }

    /// The factor of the learning rate at `step` (from 0) of `total` as long as no validation loss is known: 1.
    public func factor(step: Int, of total: Int) -> Double { 1 }

    /// The factor of the learning rate after validations: ``reduction`` to the power of the number of times that
    /// ``patience`` validations in a row did not give a lower loss, at least ``end``.
    public func factor(step: Int, of total: Int, validationLosses: [Double]) -> Double {
        var factor = 1.0, best = Double.infinity, waited = 0
        for loss in validationLosses {
            if loss < best - leastImprovement {
                (best, waited) = (loss, 0)
            } else {
                waited += 1
            }
            if waited == patience { (factor, waited) = (max(end, factor * reduction), 0) }
        }
        return factor
    }
}

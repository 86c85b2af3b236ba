import ChargenNN
import ChargenTensor

/// A run that went back to its last good state, because its loss was not finite or exploded.
public struct Recovery: Sendable, Equatable {
    /// The optimizer step that failed.
    public let step: Int
    /// The step after which the parameters were those that the run went back to.
    public let goodStep: Int
    /// What all learning rates are multiplied by from now on: a half for each recovery.
    public let learningRateFactor: Double
    /// How often the run has gone back, and how often it may.
    public let number: Int, limit: Int
}

/// What is known about the loss of a run, to tell when it explodes: part of the ``TrainingState``.
struct LossWatch: Sendable, Equatable, Codable {
    /// The mean loss of recent steps, with weights that fall by a sixteenth from step to step.
    private var recent = 0.0
    /// The sum of those weights.
    private var weight = 0.0
    /// Steps since the last recovery, or since the start.
    private var steps = 0
    /// The lowest mean loss of recent steps so far.
    private var best = Double.greatestFiniteMagnitude

    private static let window = 16

    /// Whether recent steps are about as good as the best ones: the state is worth keeping.
    var isHealthy: Bool { steps == 0 || recent <= 1.5 * best }

    /// Takes the mean loss of a step into account. A loss has exploded where the mean of recent steps is far above the lowest
    /// one and above the loss of guessing.
    /// - Returns: whether the loss has exploded.
    mutating func hasExploded(after loss: Double, guessing: Double) -> Bool {
        weight = 1 + weight * (1 - 1 / Double(Self.window))
        recent += (loss - recent) / weight
        steps += 1
        guard steps >= Self.window else { return false }
        best = min(best, recent)
        return recent > 1.1 * guessing && recent > 1.5 * best
    }

    /// Starts anew after a recovery.
    mutating func reset() { (recent, weight, steps) = (0, 0, 0) }
}

/// A copy of what a step changes, in the memory of the backend, to go back to.
struct GoodState {
    /// The number of steps between two copies: a copy costs about as much as the optimizer's part of a step, so that all of
    /// them together cost less than a hundredth of a run.
    static let interval = 64

    private var copies: [ParameterBuffer] = []
    private var states: [BatchState] = []
    private var averageWeight = 0.0
    /// The number of the last step before the copy.
    private(set) var step: Int?

    /// Whether it is time for another copy.
    func isDue(at step: Int) -> Bool { self.step.map { step >= $0 + Self.interval } ?? true }

    /// Copies `buffers` and `states`, the same ones each time.
    mutating func keep(
        _ buffers: [ParameterBuffer], _ states: [BatchState], averageWeight: Double, step: Int, on backend: any Backend
    ) {
        if copies.isEmpty { copies = buffers.map { ParameterBuffer(layout: $0.layout, on: backend) } }
        for (copy, buffer) in zip(copies, buffers) { backend.copy(buffer.flat, into: copy.flat) }
        self.states = states.map { $0.copy(on: backend) }
        self.averageWeight = averageWeight
        self.step = step
    }

    /// Copies the numbers back.
    /// - Returns: the states that were carried, and the weight of the averages.
    func restore(
        _ buffers: [ParameterBuffer], on backend: any Backend
    ) -> (states: [BatchState], averageWeight: Double) {
        for (copy, buffer) in zip(copies, buffers) { backend.copy(copy.flat, into: buffer.flat) }
        return (states.map { $0.copy(on: backend) }, averageWeight)
    }

    /// Forgets the copy, because the loop goes on from another state.
    mutating func forget() { step = nil }
}

extension BatchState {
    /// A copy in memory of its own.
    fileprivate func copy(on backend: any Backend) -> BatchState {
        BatchState(hidden: backend.makeCopy(of: Operand(hidden)), cell: cell.map { backend.makeCopy(of: Operand($0)) })
    }
}

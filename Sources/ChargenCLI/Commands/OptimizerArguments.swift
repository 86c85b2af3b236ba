import ArgumentParser
import Chargen

/// The arguments of an optimizer and of the learning rate's schedule.
struct OptimizerArguments: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The optimizer: adam, adamw (Adam with weight decay), nadam (Adam with Nesterov's momentum), rmsprop, sgd or "
                + "adagrad (default: adamw; adam for lstm, gru or rnn)."))
    var optimizer: OptimizerKind?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The weight decay of adamw, 0 to 1: at learning rate R, a step multiplies kernels and embeddings by 1 - R * W "
                + "(default: 0.1 where it is chosen, else 0.01).",
            valueName: "W"))
    var weightDecay: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The momentum of sgd and rmsprop, at least 0 and less than 1 (default: 0).", valueName: "M"))
    var momentum: Double?

    @Flag(help: "Use Nesterov's momentum in sgd, which looks a step ahead.")
    var nesterov = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The decay rate of the running mean of the gradient in adam, adamw and nadam, at least 0 and less than 1 "
                + "(default: 0.9).",
            valueName: "B"))
    var beta1: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The decay rate of the running mean of the squared gradient in adam, adamw and nadam, at least 0 and less "
                + "than 1 (default: 0.999).",
            valueName: "B"))
    var beta2: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The decay rate of the running mean of the squared gradient in rmsprop, at least 0 and less than 1 (default: 0.9).",
            valueName: "B"))
    var rho: Double?

    @Flag(help: "Divide by the standard deviation of the gradient in rmsprop, and not by the root of its mean square.")
    var centered = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The sum of squared gradients that adagrad starts from, 0 or more (default: 0.1).", valueName: "A"))
    var initialAccumulator: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number that all optimizers but sgd add to the divisor, above 0, up to 1 (default: 1e-8 for adam and adamw, "
                + "1e-7 for the others).",
            valueName: "EPS"))
    var epsilon: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The highest learning rate (default: chosen with the number of units; for a cell that is named 0.01, and 1 with sgd).",
            valueName: "R"))
    var learningRate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The schedule by which the learning rate changes: cosine, constant, linear, step (three stages), exponential, "
                + "one-cycle (it rises during the first 30 percent) or plateau (it is halved after three validations without a "
                + "lower loss; default: cosine)."))
    var schedule: ScheduleKind?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The learning rate at the end of the schedule, as a fraction of the highest, 0 to 1 (default: 0.01; 4e-6 for "
                + "one-cycle).",
            valueName: "F"))
    var finalRate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The fraction of the training, 0 to 1, in which the learning rate rises linearly from almost zero, before the "
                + "schedule (default: 0).",
            valueName: "F"))
    var warmup: Double?

    /// Checks that the numbers that are given have an effect.
    /// - Parameter standard: the optimizer where none is named.
    func check(_ standard: OptimizerKind) throws {
        let optimizer = self.optimizer ?? standard, schedule = self.schedule ?? .cosine
        // Options that have no effect on the optimizer.
        for (option, isGiven, setting) in [
            ("weight-decay", weightDecay != nil, \.weightDecay), ("momentum", momentum != nil, \.momentum),
            ("nesterov", nesterov, \.nesterov), ("beta1", beta1 != nil, \.beta1), ("beta2", beta2 != nil, \.beta2),
            ("rho", rho != nil, \.rho), ("centered", centered, \.centered),
            ("initial-accumulator", initialAccumulator != nil, \.initialAccumulator), ("epsilon", epsilon != nil, \.epsilon),
        ] as [(String, Bool, PartialKeyPath<OptimizerSettings>)] where isGiven {
            try check(option, setting, optimizer)
        }
        if nesterov && (momentum ?? 0) == 0 { throw ValidationError("--nesterov has no effect without --momentum") }
        if let finalRate {
            if schedule == .constant {
                throw ValidationError("--final-rate has no effect on the schedule constant; add --schedule cosine")
            }
            let allowsZero = schedule != .step && schedule != .exponential
            guard (allowsZero ? finalRate >= 0 : finalRate > 0) && finalRate <= 1 else {
                throw ValidationError(
                    "final-rate \(finalRate) is out of range; use "
                        + (allowsZero ? "0 to 1" : "a number above 0, up to 1, for the schedule \(schedule.rawValue)"))
            }
        }
        if let warmup, !(0...1 ~= warmup) { throw ValidationError("warmup \(warmup) is out of range; use 0 to 1") }
    }

    /// Checks that a number that is given has an effect on the optimizer.
    private func check(
        _ option: String, _ setting: PartialKeyPath<OptimizerSettings>, _ optimizer: OptimizerKind
    ) throws {
        guard !optimizer.settings.contains(setting) else { return }
        let others = OptimizerKind.allCases.filter { $0.settings.contains(setting) }.map(\.rawValue)
        throw ValidationError(
            "--\(option) has no effect on \(optimizer.rawValue); add --optimizer \(others.joined(separator: " or "))")
    }

    /// Copies the values to the library's options.
    func apply(to options: inout TrainingOptions) {
        options.optimizer = optimizer
        options.learningRate = learningRate
        if schedule != nil || finalRate != nil || warmup != nil {
            options.schedule = (schedule ?? .cosine).schedule(end: finalRate, warmup: warmup ?? 0)
        }
        options.weightDecay = weightDecay ?? options.weightDecay
        options.momentum = momentum ?? options.momentum
        options.nesterov = nesterov
        options.beta1 = beta1 ?? options.beta1
        options.beta2 = beta2 ?? options.beta2
        options.rho = rho ?? options.rho
        options.centered = centered
        options.initialAccumulator = initialAccumulator ?? options.initialAccumulator
        options.epsilon = epsilon
    }
}

extension OptimizerKind: ExpressibleByArgument {}
extension ScheduleKind: ExpressibleByArgument {}

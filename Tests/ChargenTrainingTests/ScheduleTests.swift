import ChargenNN
import ChargenTensor
import ChargenTraining
import Testing

/// Laws of the schedules: their ends, their order, and their warm-up.
@Suite struct ScheduleTests {
    private static let totals = [2, 3, 50, 101, 1_000_000]

    /// Some factors of a run, the first and the last among them.
    private func factors(_ schedule: any LearningRateSchedule, of total: Int) -> [Double] {
        stride(from: 0, to: total, by: max(1, total / 200)).map { schedule.factor(step: $0, of: total) }
            + [schedule.factor(step: total - 1, of: total)]
    }

    /// Schedules that fall from 1 to an end.
    private func falling(to end: Double) -> [any LearningRateSchedule] {
        let some: [any LearningRateSchedule] = [CosineSchedule(end: end), LinearSchedule(end: end)]
        return end == 0 ? some : some + [ExponentialSchedule(end: end), StepSchedule(stages: 2, end: end)]
    }

    @Test(arguments: [0, 0.01, 0.25], totals) func fallFromOneToTheEnd(_ end: Double, _ total: Int) {
        for schedule in falling(to: end) {
            let all = factors(schedule, of: total)
            #expect(all.first == 1, "\(schedule)")
            #expect(abs(all.last! - end) < 1e-12, "\(schedule)")
            #expect(zip(all, all.dropFirst()).allSatisfy { $0 >= $1 }, "\(schedule)")
            #expect(all.allSatisfy { $0 >= end - 1e-12 && $0 <= 1 }, "\(schedule)")
        }
    }

    /// A run of one step has the whole learning rate, and steps after the last have that of the last.
    @Test func shortRunsAndLateSteps() {
        for schedule in falling(to: 0.25) + [ConstantSchedule(), OneCycleSchedule(rise: 0)] {
            #expect(schedule.factor(step: 0, of: 1) == 1)
            #expect(abs(schedule.factor(step: 12, of: 10) - schedule.factor(step: 9, of: 10)) < 1e-12, "\(schedule)")
        }
    }

    @Test func values() {
        #expect((0..<5).allSatisfy { ConstantSchedule().factor(step: $0, of: 5) == 1 })
        #expect(abs(CosineSchedule().factor(step: 50, of: 101) - 0.505) < 1e-12)
        #expect(abs(CosineSchedule(end: 0).factor(step: 25, of: 101) - (0.5 + 0.125.squareRoot())) < 1e-12)
        #expect(abs(LinearSchedule(end: 0.2).factor(step: 25, of: 101) - 0.8) < 1e-12)
        #expect(abs(ExponentialSchedule(end: 0.01).factor(step: 50, of: 101) - 0.1) < 1e-12)
        // Three stages of 4, 3 and 3 steps.
        let steps = (0..<10).map { StepSchedule().factor(step: $0, of: 10) }
        for (found, expected) in zip(steps, [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01]) {
            #expect(abs(found - expected) < 1e-12)
        }
    }

    /// PyTorch's `OneCycleLR` with a highest rate of 1, but for the rounding of the highest step.
    @Test func oneCycle() {
        let all = factors(OneCycleSchedule(), of: 101), highest = all.firstIndex(of: all.max()!)!
        #expect(abs(all[0] - 0.04) < 1e-12 && abs(all[100] - 4e-6) < 1e-12 && abs(all[highest] - 1) < 1e-12)
        #expect(highest == 30)
        #expect(zip(all[...30], all[1...30]).allSatisfy { $0 < $1 } && zip(all[30..<100], all[31...100]).allSatisfy { $0 > $1 })
        #expect(abs(all[15] - 0.52) < 1e-12 && abs(all[65] - 0.500002) < 1e-9)
    }

    @Test(arguments: [0.03, 0.1, 0.5, 1]) func warmup(_ share: Double) {
        for following in falling(to: 0.25) + [ConstantSchedule(), OneCycleSchedule(), PlateauSchedule()] {
            let schedule = WarmupSchedule(share: share, before: following), total = 200, rising = Int(share * 200)
            let all = (0..<total).map { schedule.factor(step: $0, of: total) }
            let first = following.factor(step: 0, of: total - rising)
            // It rises by the same amount in each step, from almost nothing to the other schedule's first factor.
            for step in 0..<rising {
                #expect(abs(all[step] - first * Double(step + 1) / Double(rising + 1)) < 1e-12, "\(schedule)")
            }
            for step in rising..<total {
                #expect(all[step] == following.factor(step: step - rising, of: total - rising), "\(schedule)")
            }
        }
        // The same share of a run, whatever its resolution.
        let schedule = WarmupSchedule(share: share, before: CosineSchedule(end: 0))
        for share in [0, 0.02, 0.3, 0.99] {
            let coarse = schedule.factor(step: Int(share * 1e4), of: 10_000)
            #expect(abs(coarse - schedule.factor(step: Int(share * 1e6), of: 1_000_000)) < 1e-2)
        }
    }

    @Test func plateau() {
        let schedule = PlateauSchedule(reduction: 0.5, patience: 2, leastImprovement: 0.1, end: 0.2)
        func factor(_ losses: Double...) -> Double { schedule.factor(step: 3, of: 5, validationLosses: losses) }
        #expect(factor() == 1 && factor(3) == 1 && factor(3, 2, 1) == 1)
        // One validation without a better loss, and two. A loss that is hardly lower is not better.
        #expect(factor(3, 3) == 1 && factor(3, 3.5, 2.95) == 0.5 && factor(3, 3.5, 2.5, 2.6) == 1)
        // The count starts anew after a fall, and the factor stays at the end.
        #expect(factor(3, 3, 3, 3) == 0.5 && factor(3, 3, 3, 3, 3) == 0.25)
        #expect(factor(3, 3, 3, 3, 3, 3, 3) == 0.2 && factor(3, 3, 3, 3, 3, 3, 3, 3, 3) == 0.2)
        #expect(schedule.factor(step: 3, of: 5) == 1)
        // Other schedules do not look at losses; a warm-up passes them on.
        #expect(LinearSchedule().factor(step: 0, of: 5, validationLosses: [3, 3, 3]) == 1)
        let warm = WarmupSchedule(share: 0.5, before: schedule)
        #expect(warm.factor(step: 4, of: 5, validationLosses: [3, 3, 3]) == 0.5)
    }

    /// The names that the command knows give schedules of that name, and numbers that are not the defaults are in the name,
    /// because a training state belongs to a schedule.
    @Test func names() {
        for kind in ScheduleKind.allCases {
            #expect(kind.schedule().name == kind.rawValue)
            #expect(kind.schedule(warmup: 0.03).name == "warm-up 0.03, \(kind.rawValue)")
        }
        let named: [any LearningRateSchedule] = ScheduleKind.allCases.map { $0.schedule() }
            + ScheduleKind.allCases.filter { $0 != .constant }.map { $0.schedule(end: 0.5) }
            + [StepSchedule(stages: 4), OneCycleSchedule(rise: 0.5), PlateauSchedule(patience: 4)]
        #expect(Set(named.map(\.name)).count == named.count, "\(named.map(\.name))")
    }

    // MARK: In the loop

    /// A loop whose validation loss cannot fall, because it trains for other targets.
    private func loop(_ epochs: Double) throws -> TrainingLoop {
        let model = try Sequential([Dense(units: 1)], inputSize: 2, seed: 2)
        var options = FitOptions(epochs: Double(epochs), batchSize: 4, learningRate: 0.02)
        options.schedule = WarmupSchedule(share: 0.1, before: PlateauSchedule(patience: 2))
        func values(_ value: Float) -> Tensor { Tensor(shape: [8, 1], values: [Float](repeating: value, count: 8)) }
        let inputs = Tensor(shape: [8, 2], values: (0..<16).map { Float($0 % 5) })
        return try model.trainingLoop(
            .values(inputs), values(9), loss: .meanSquaredError, options: options,
            validation: (.values(inputs), values(-9)))
    }

    /// The rate falls after two validations that were not better, and a loop that goes on from a state, which holds the
    /// validation losses, has the same rates.
    @Test func plateauInTheLoop() throws {
        let whole = try loop(10), part = try loop(10), rest = try loop(10)
        var rates: [Double] = []
        while !whole.isFinished { rates.append(try whole.trainEpoch().learningRate) }
        // Of 20 steps, 2 are warm-up. The first validation is the best.
        let expected = [0.02 * 2 / 3, 0.02, 0.02, 0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025, 0.00125]
        #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-12 } && rates.count == 10)
        for epoch in 0..<4 { #expect(try part.trainEpoch().learningRate == rates[epoch]) }
        try rest.restore(part.state)
        for epoch in 4..<10 { #expect(try rest.trainEpoch().learningRate == rates[epoch]) }
        #expect(rest.weights.map(\.tensor) == whole.weights.map(\.tensor))
    }
}

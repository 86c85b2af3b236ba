/// Measures every comparison in several rounds. The programs alternate, so that changes of the machine's speed affect all of
/// them.
struct Rounds {
    private let ours: OurWork
    private let peers: Peers?
    private let log: Log
    private var results: Results
    private var timetable = Timetable()
    /// What one round does, in order.
    private let steps: [Step]

    /// One measurement of a round.
    private enum Step {
        case peak(bfloat16: Bool)
        /// Indices of a comparison and of one of its contestants.
        case contestant(comparison: Int, index: Int)
    }

    /// Prepares `rounds` rounds of `seconds` a measurement. `peers` nil measures chargen alone.
    init(_ comparisons: [Comparison], ours: OurWork, peers: Peers?, rounds: Int, seconds: Double, log: Log) {
        self.ours = ours
        self.peers = peers
        self.log = log
        results = Results(
            machine: Machine(ours), rounds: rounds, seconds: seconds, versions: peers?.versions ?? [:],
            comparisons: comparisons.map(ComparisonResult.init))
        let contestants = comparisons.indices.flatMap { comparison in
            comparisons[comparison].contestants.indices.map { Step.contestant(comparison: comparison, index: $0) }
        }
        steps = [.peak(bfloat16: false), .peak(bfloat16: true)] + contestants
    }

    /// Runs all rounds.
    /// - Throws: the errors of chargen. A peer that fails is reported and not measured again.
    mutating func run() throws -> Results {
        let clock = ContinuousClock()
        for round in 1...results.rounds {
            for index in steps.indices where !isLeftOut(steps[index]) {
                let step = steps[index]
                let left = Numbers.duration(secondsLeft(from: index, in: round))
                log.write("round \(round)/\(results.rounds), \(left) left  \(name(step)) … ")
                let start = clock.now
                try measure(step)
                timetable.note(name(step), seconds: start.duration(to: clock.now) / .seconds(1))
            }
        }
        return results
    }

    /// Measures one step, and records and prints its figure.
    private mutating func measure(_ step: Step) throws {
        switch step {
        case .peak(let bfloat16):
            try measurePeak(bfloat16: bfloat16)
        case .contestant(let comparison, let index):
            let work = results.comparisons[comparison].comparison.work
            try measure(&results.comparisons[comparison].measured[index], at: work)
        }
    }

    /// Measures the machine's peak.
    private mutating func measurePeak(bfloat16: Bool) throws {
        do {
            let peak = try ours.peak(bfloat16: bfloat16, seconds: peakSeconds)
            if bfloat16 { results.peak.bfloat16.add(peak) } else { results.peak.float32.add(peak) }
            log.line("\(Numbers.gigaflops(peak)) GFLOP/s")
        } catch where bfloat16 {
            log.line("none: \(error)")  // not every processor has such products
        }
    }

    /// Measures one contestant.
    private func measure(_ measured: inout Measured, at work: Work) throws {
        let contestant = measured.contestant
        let speed: Double
        switch (contestant.program, work) {
        case (.chargen, .training(let configuration)):
            let figure = try ours.train(
                configuration, embedding: contestant.embedding, precision: contestant.precision, seconds: seconds,
                profile: false)
            measured.precision = figure.precision
            speed = figure.speed
        case (.chargen, .fitting(let configuration)):
            let figure = try ours.fit(configuration, precision: contestant.precision, seconds: seconds)
            measured.precision = figure.precision
            speed = figure.speed
        case (.chargen, .sampling(let configuration, let streams)):
            speed = try ours.sample(configuration, streams: streams, seconds: seconds)
        default:
            guard let peers else { return }
            do {
                speed = try peers.measure(contestant, at: work, seconds: seconds)
            } catch {
                measured.failure = "\(error)"
                log.line("left out: \(error)")
                return
            }
        }
        measured.figures.add(speed)
        log.line("\(Numbers.grouped(speed)) \(work.unit)")
    }

    /// Whether a step cannot be measured here.
    private func isLeftOut(_ step: Step) -> Bool {
        guard case .contestant(let comparison, let index) = step else { return false }
        let measured = results.comparisons[comparison].measured[index]
        guard measured.contestant.program != .chargen else { return false }
        guard let peers, measured.failure == nil else { return true }
        return !peers.missing(for: measured.contestant.program).isEmpty
    }

    /// Seconds that the rest takes, from the step at `index` of `round` on.
    private func secondsLeft(from index: Int, in round: Int) -> Double {
        func sum(_ steps: some Sequence<Step>) -> Double {
            steps.filter { !isLeftOut($0) }.reduce(0) { $0 + timetable.seconds(of: name($1), guess: guess($1)) }
        }
        return sum(steps[index...]) + Double(results.rounds - round) * sum(steps)
    }

    /// What a step measures.
    private func name(_ step: Step) -> String {
        switch step {
        case .peak(let bfloat16): return "peak of \(bfloat16 ? "bfloat16" : "float32") products"
        case .contestant(let comparison, let index):
            let comparison = results.comparisons[comparison].comparison
            return "\(comparison.title): \(comparison.contestants[index].name(in: comparison.work))"
        }
    }

    /// The estimated duration of a step that has not run yet, in seconds; a peer needs time to start and to compile.
    private func guess(_ step: Step) -> Double {
        switch step {
        case .peak: return peakSeconds
        case .contestant(let comparison, let index):
            let contestant = results.comparisons[comparison].comparison.contestants[index]
            return seconds + (contestant.program == .chargen ? 1 : 5)
        }
    }

    /// Seconds of each measurement of a contestant.
    private var seconds: Double { results.seconds }

    /// Seconds of each measurement of the peak: it is the same for all work, so it needs fewer.
    private var peakSeconds: Double { min(results.seconds, 1) }
}

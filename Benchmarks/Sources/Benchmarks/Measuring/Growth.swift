/// How a program's time grows from `large` to `2x1024`, which has twice the units.
struct Growth {
    /// The program and its precision.
    let name: String
    /// Time per character at `2x1024` over that at `large`.
    let time: Double
    /// Operations per character at `2x1024` over those at `large`.
    let operations: Double

    /// The growth of the time over the growth of the operations: above 1, the larger model runs less efficiently.
    var timeByOperations: Double { time / operations }

    /// The growth of every program that was measured on both.
    static func all(in results: [ComparisonResult]) -> [Growth] {
        let small = TrainingConfiguration.large
        let large = TrainingConfiguration.twoLayersOf1024
        guard let first = results.first(where: { $0.comparison.work.name == small.name }),
            let second = results.first(where: { $0.comparison.work.name == large.name })
        else { return [] }
        return second.measured.compactMap { measured in
            guard let speed = measured.figures.median,
                let before = first.measured.first(where: {
                    $0.contestant.program == measured.contestant.program
                        && $0.contestant.precision == measured.contestant.precision
                })?.figures.median
            else { return nil }
            let embedding = measured.contestant.embedding
            return Growth(
                name: measured.name(in: second.comparison.work), time: before / speed,
                operations: large.operationsPerCharacter(embedding: embedding)
                    / small.operationsPerCharacter(embedding: embedding))
        }
    }
}

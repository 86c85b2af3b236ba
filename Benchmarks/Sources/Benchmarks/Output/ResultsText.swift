/// The results as tables, for standard output.
struct ResultsText {
    let results: Results

    /// All tables that have something to show.
    var text: String {
        [heading, training, fitting, sampling, growth, leftOut].compactMap { $0 }.joined(separator: "\n\n")
    }

    /// The machine and the method of the measurements.
    private var heading: String {
        let machine = results.machine
        let peaks = [("float32", results.peak.float32), ("bfloat16", results.peak.bfloat16)]
            .compactMap { name, figures in figures.median.map { "\(name) \(Numbers.gigaflops($0)) GFLOP/s" } }
        let versions = results.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        var lines = [
            "\(machine.processor), \(machine.cores) cores, \(machine.threads) threads, \(machine.instructionSet)",
            "Peak of products: \(peaks.joined(separator: ", "))",
            "Medians of \(results.roundsText), \(results.seconds) s each, by turns",
        ]
        if !versions.isEmpty { lines.append(versions.joined(separator: ", ")) }
        for work in results.comparisons.map(\.comparison.work) where work.streams == nil {
            let line = "\(work.name): \(work.modelText)"
            if !lines.contains(line) { lines.append(line) }
        }
        return lines.joined(separator: "\n")
    }

    /// Training on characters, with the share of the machine's peak.
    private var training: String? {
        var table = TextTable([
            .left("training"), .left("program"), .left("input"), .right("characters/s"), .right("spread"),
            .right("of peak"), .right("chargen is"), .right("chargen float32 is"),
        ])
        var isEmpty = true
        for result in results.comparisons where result.comparison.work.cell != nil {
            for measured in result.measured {
                guard let median = measured.figures.median else { continue }
                table.add([
                    result.comparison.work.name, measured.name(in: result.comparison.work), measured.contestant.input,
                    Numbers.grouped(median),
                    measured.figures.spread.map(Numbers.percent) ?? "",
                    result.shareOfPeak(measured, results.peak).map(Numbers.percent) ?? "",
                    result.ratio(.automatic, to: measured).map(Numbers.times) ?? "",
                    result.ratio(.float32, to: measured).map(Numbers.times) ?? "",
                ])
                isEmpty = false
            }
        }
        return isEmpty ? nil : table.text
    }

    /// Training classifiers, with the share of the machine's peak.
    private var fitting: String? {
        var table = TextTable([
            .left("training"), .left("program"), .right("examples/s"), .right("spread"), .right("of peak"),
            .right("chargen is"),
        ])
        var isEmpty = true
        for result in results.comparisons where result.comparison.work.isFit {
            for measured in result.measured {
                guard let median = measured.figures.median else { continue }
                table.add([
                    result.comparison.work.name, measured.name(in: result.comparison.work), Numbers.grouped(median),
                    measured.figures.spread.map(Numbers.percent) ?? "",
                    result.shareOfPeak(measured, results.peak).map(Numbers.percent) ?? "",
                    result.ratio(.automatic, to: measured).map(Numbers.times) ?? "",
                ])
                isEmpty = false
            }
        }
        return isEmpty ? nil : table.text
    }

    /// Sampling, characters/s over all streams.
    private var sampling: String? {
        var table = TextTable([
            .left("sampling"), .right("streams"), .left("program"), .right("characters/s"), .right("spread"),
            .right("chargen is"),
        ])
        var isEmpty = true
        for result in results.comparisons {
            guard let streams = result.comparison.work.streams else { continue }
            for measured in result.measured {
                guard let median = measured.figures.median else { continue }
                table.add([
                    result.comparison.work.name, "\(streams)", measured.name(in: result.comparison.work),
                    Numbers.grouped(median), measured.figures.spread.map(Numbers.percent) ?? "",
                    result.ratio(.automatic, to: measured).map(Numbers.times) ?? "",
                ])
                isEmpty = false
            }
        }
        return isEmpty ? nil : table.text
    }

    /// How time grows with the model.
    private var growth: String? {
        guard !results.growth.isEmpty else { return nil }
        var table = TextTable([
            .left("2x1024 over large (2x512)"), .right("time per character"), .right("operations"),
            .right("time by operations"),
        ])
        for growth in results.growth {
            table.add([
                growth.name, Numbers.times(growth.time), Numbers.times(growth.operations),
                Numbers.fixed(growth.timeByOperations, 2),
            ])
        }
        return table.text
    }

    /// The programs that failed, with the reasons.
    private var leftOut: String? {
        let lines = results.comparisons.flatMap { result in
            result.measured.compactMap { measured in
                measured.failure.map {
                    "Left out: \(measured.name(in: result.comparison.work)) on \(result.comparison.title): \($0)"
                }
            }
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}

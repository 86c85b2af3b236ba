/// A comparison's results, in JSON.
struct ComparisonJSON: Encodable {
    private let work: String
    private let kind: String
    private let variant: String?
    private let cell: String?
    private let sizes: [String: Int]
    private let streams: Int?
    private let programs: [ProgramJSON]

    /// All of `result` that was measured; shares are taken of `peak`.
    init(_ result: ComparisonResult, _ peak: Peak) {
        work = result.comparison.work.name
        streams = result.comparison.work.streams
        kind = streams == nil ? "training" : "sampling"
        variant = result.comparison.variant
        cell = result.comparison.work.cell?.rawValue
        sizes = result.comparison.work.sizes
        programs = result.measured.compactMap { ProgramJSON($0, in: result, peak) }
    }

    /// One program's figures.
    private struct ProgramJSON: Encodable {
        let program: String
        let input: String
        /// The precision option.
        let precision: String
        /// The precision in use, if it is known.
        let precisionUsed: String?
        /// One of the two, depending on the unit of the work.
        let charactersPerSecond: FiguresJSON?
        let examplesPerSecond: FiguresJSON?
        let gflops: Double?
        let shareOfPeak: Double?
        /// The median speed of chargen over that of this peer: in automatic precision, and in float32.
        let chargenOverThis: Double?
        let chargenFloat32OverThis: Double?

        /// Nil where there is no figure.
        init?(_ measured: Measured, in result: ComparisonResult, _ peak: Peak) {
            guard let figures = FiguresJSON(measured.figures) else { return nil }
            let isFit = result.comparison.work.isFit
            charactersPerSecond = isFit ? nil : figures
            examplesPerSecond = isFit ? figures : nil
            program = measured.contestant.program.rawValue
            input = measured.contestant.input
            precision = measured.contestant.precision.rawValue
            precisionUsed = measured.precision
            gflops = result.operationsPerSecond(measured).map { ($0 / 1e9).rounded(1) }
            shareOfPeak = result.shareOfPeak(measured, peak)?.rounded(4)
            chargenOverThis = result.ratio(.automatic, to: measured)?.rounded(3)
            chargenFloat32OverThis = result.ratio(.float32, to: measured)?.rounded(3)
        }
    }
}

import Chargen

/// Pretrained vectors that a command was given, and what came of them.
final class PretrainedVectors {
    private let path: String
    private let seed: UInt64
    private let quiet: Bool
    /// How many tokens have a vector; nil before they were looked for.
    private(set) var report: String?

    init(path: String, seed: UInt64, quiet: Bool) {
        self.path = path
        self.seed = seed
        self.quiet = quiet
    }

    /// The vectors of `tokens`, `[V, D]`; those of tokens that the file does not have are drawn as the others lie.
    /// - Throws: `WordVectorsError`, `FileError`.
    func table(for tokens: [String]) throws -> Tensor {
        var line = LiveLine(.standardError)
        let vectors = try WordVectors(contentsOf: path, wanted: Set(tokens)) { progress in
            guard !quiet else { return }
            line.show {
                let share = progress.totalBytes.map { Double(progress.bytes) / Double(max($0, 1)) * 100 }
                return "reading \(path)" + (share.map { "  \(Numbers.fixed($0, 0)) %" } ?? "")
            }
        }
        line.clear()
        var random = RandomSource(seed: seed, stream: 4)
        let matrix = vectors.matrix(for: tokens) { random.normal() }
        let missing = matrix.missing.prefix(5).joined(separator: ", ")
        report = "\(path), \(matrix.columns) numbers each: \(Numbers.grouped(matrix.found)) found, "
            + "\(Numbers.grouped(matrix.missing.count)) not" + (missing.isEmpty ? "" : " (\(missing)…)")
        return Tensor(shape: [matrix.rows, matrix.columns], values: matrix.values)
    }
}

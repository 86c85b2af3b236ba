import Chargen

/// The file of `--embeddings`, and a report of the tokens that were found in it.
final class PretrainedVectors {
    private let path: String
    private let seed: UInt64
    private let quiet: Bool
    /// The path of the file and the number of tokens that have a vector; nil before the file is read.
    private(set) var report: String?

    init(path: String, seed: UInt64, quiet: Bool) {
        self.path = path
        self.seed = seed
        self.quiet = quiet
    }

    /// Reads the vectors of `tokens`, `[V, D]`. The vectors of tokens that are not in the file are drawn at random, with the mean
    /// and the standard deviation of the others.
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
        report = "\(path), \(matrix.columns) numbers per vector; tokens: \(Numbers.grouped(matrix.found)) found, "
            + "\(Numbers.grouped(matrix.missing.count)) not found" + (missing.isEmpty ? "" : " (\(missing)…)")
        return Tensor(shape: [matrix.rows, matrix.columns], values: matrix.values)
    }
}

import ChargenFiles
import ChargenText

/// Pretrained vectors of words, read from text.
public struct WordVectors: Sendable {
    /// How far reading has come.
    public struct Progress: Sendable, Equatable {
        /// Bytes read.
        public let bytes: UInt64
        /// Bytes of the file; nil where only reading tells, as of a pipe.
        public let totalBytes: UInt64?
        /// Words read, whether kept or not.
        public let words: Int
    }

    /// Numbers of a vector, D.
    public let dimensions: Int
    /// The words that have vectors, in the order of the file.
    public let words: [String]
    /// `[words, D]`, row by row.
    private let values: [Float]
    private let places: [String: Int]

    /// Reads GloVe's format, a word and its numbers on each line, or word2vec's text format, the same after a first
    /// line with the number of words and of dimensions.
    ///
    /// The file goes through a buffer of a fixed size. A word may have spaces: the last D fields of a line are its
    /// numbers. Of words that differ in their bytes but are equal to Unicode, the first is kept.
    /// - Parameters:
    ///   - wanted: Words that are kept, and with each its lower case; nil for all. Other lines are checked as well, but
    ///     not for duplicates.
    ///   - progress: Called after each piece of the file, and at its end; reading ends with the error that it throws.
    /// - Throws: ``WordVectorsError``, ``FileError``.
    public init(
        contentsOf path: String, wanted: Set<String>? = nil, progress: (Progress) throws -> Void = { _ in }
    ) throws {
        let kept = wanted.map { $0.union($0.map { $0.lowercased() }) }
        var reader = try WordVectorsReader(path: path, wanted: kept)
        dimensions = try reader.read(progress: progress)
        words = reader.words
        values = reader.values
        places = reader.places
    }

    /// How many words have vectors.
    public var count: Int { words.count }

    /// The vector of `word`; nil where it has none.
    public subscript(word: String) -> [Float]? { places[word].map { Array(vector($0)) } }

    /// A matrix with a vector for each of `tokens`, those of a ``TokenVocabulary``.
    ///
    /// A token that has no vector gets that of its lower case, or else numbers drawn from the normal distribution with
    /// the mean and the standard deviation of all numbers that were found; zeros where none were. Row 0, padding, is
    /// zeros.
    /// - Parameter normal: Draws from the standard normal distribution; called row by row for what is missing.
    public func matrix(for tokens: [String], missing normal: () -> Double) -> EmbeddingMatrix {
        let rows: [Int?] = tokens.enumerated().map { row, token in
            row == 0 ? nil : places[token] ?? places[token.lowercased()]
        }
        let found = rows.compactMap { $0 }
        let (mean, deviation) = statistics(of: found)

        var values: [Float] = []
        values.reserveCapacity(tokens.count * dimensions)
        var missing: [String] = []
        for (row, place) in rows.enumerated() {
            if let place {
                values += vector(place)
            } else if row == 0 || found.isEmpty {
                values += repeatElement(0, count: dimensions)
            } else {
                for _ in 0..<dimensions { values.append(Float(mean + deviation * normal())) }
            }
            if row > 0 && place == nil && tokens[row] != TokenVocabulary.unknown { missing.append(tokens[row]) }
        }
        return EmbeddingMatrix(
            rows: tokens.count, columns: dimensions, values: values, found: found.count, missing: missing)
    }

    private func vector(_ place: Int) -> ArraySlice<Float> {
        values[place * dimensions..<(place + 1) * dimensions]
    }

    /// Mean and standard deviation of the numbers of the vectors at `places`.
    private func statistics(of places: [Int]) -> (mean: Double, deviation: Double) {
        let numbers = places.lazy.flatMap { vector($0) }
        let count = Double(max(1, places.count * dimensions))
        let mean = numbers.reduce(0) { $0 + Double($1) } / count
        let squares = numbers.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return (mean, (squares / count).squareRoot())
    }
}

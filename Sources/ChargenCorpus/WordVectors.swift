import ChargenFiles
import ChargenText

/// Pretrained word vectors, read from a text file in the format of GloVe or word2vec.
///
///     let vectors = try WordVectors(contentsOf: "glove.6B.100d.txt", wanted: Set(vocabulary.tokens))
///     let matrix = vectors.matrix(for: vocabulary.tokens) { random.normal() }
public struct WordVectors: Sendable {
    /// The progress of reading a file.
    public struct Progress: Sendable, Equatable {
        /// The number of bytes read so far.
        public let bytes: UInt64
        /// The size of the file in bytes; nil if it is unknown, as for a pipe.
        public let totalBytes: UInt64?
        /// The number of words read so far, kept or not.
        public let words: Int
    }

    /// The size of a vector, D.
    public let dimensions: Int
    /// The words that have a vector, in the order of the file.
    public let words: [String]
    /// The elements of the vectors, `[words, D]`, row by row.
    private let values: [Float]
    private let places: [String: Int]

    /// Reads a file in the format of GloVe (each line consists of a word and its numbers) or in the text format of word2vec
    /// (the same, after a first line with the number of words and the number of dimensions).
    ///
    /// The file is read through a buffer of a fixed size, so memory is needed only for the words that are kept. A word may
    /// contain spaces, since the last D fields of a line are the numbers. Of words that have different bytes but are canonically
    /// equivalent in Unicode, the first is kept.
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - wanted: The words to keep; the lower-case form of each is kept, too. By default all words are kept. Lines with other
    ///     words are checked as well, but not for duplicates.
    ///   - progress: Called after each piece of the file and at its end; an error that it throws ends the reading.
    /// - Throws: ``WordVectorsError``, `FileError`.
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

    /// The number of words that have a vector.
    public var count: Int { words.count }

    /// The vector of `word`, `[D]`; nil if it has none.
    public subscript(word: String) -> [Float]? { places[word].map { Array(vector($0)) } }

    /// Returns a matrix with a vector for each of `tokens`, which are those of a `TokenVocabulary`.
    ///
    /// A token without a vector gets the vector of its lower-case form. If that has none either, its elements are drawn from the
    /// normal distribution with the mean and the standard deviation of all elements that were found, or are zero if no vector
    /// was found. Row 0, which stands for padding, is zero.
    /// - Parameters:
    ///   - tokens: The tokens, in the order of their ids.
    ///   - normal: Draws a number from the standard normal distribution; called row by row for the missing vectors.
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

    /// Returns the vector of the word at index `place` of ``words``.
    private func vector(_ place: Int) -> ArraySlice<Float> {
        values[place * dimensions..<(place + 1) * dimensions]
    }

    /// Returns the mean and the standard deviation of all elements of the vectors at `places`.
    private func statistics(of places: [Int]) -> (mean: Double, deviation: Double) {
        let numbers = places.lazy.flatMap { vector($0) }
        let count = Double(max(1, places.count * dimensions))
        let mean = numbers.reduce(0) { $0 + Double($1) } / count
        let squares = numbers.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return (mean, (squares / count).squareRoot())
    }
}

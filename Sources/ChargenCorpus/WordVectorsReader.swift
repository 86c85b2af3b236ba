import ChargenFiles

/// A parser of word vectors that reads a text file line by line.
struct WordVectorsReader {
    private let lines: LineReader
    private let parser = DecimalParser()
    private let wanted: Set<String>?
    /// The number of vectors that the first line announces; nil if it announces none.
    private var promisedCount: Int?
    private var dimensions: Int?
    /// The number of vectors read, kept or not.
    private var count = 0
    /// The byte ranges of the fields of the current line.
    private var fields: [Range<Int>] = []

    /// The words that were kept, in the order of the file.
    private(set) var words: [String] = []
    /// The elements of their vectors, `[words, D]`.
    private(set) var values: [Float] = []
    /// The index of each word in ``words``.
    private(set) var places: [String: Int] = [:]
    /// The line number of each word in ``words``.
    private var wordLines: [Int] = []

    private var path: String { lines.file.path }

    /// Opens the file at `path`. Only words of `wanted` are kept, or all words if it is nil.
    /// - Throws: `FileError`.
    init(path: String, wanted: Set<String>?) throws {
        lines = try LineReader(path: path)
        self.wanted = wanted
    }

    /// Reads the whole file and returns the size of a vector, D.
    /// - Throws: ``WordVectorsError``, `FileError`, the error of `progress`.
    mutating func read(progress: (WordVectors.Progress) throws -> Void) throws -> Int {
        var reported: UInt64 = 0
        while let bytes = try lines.next() {
            if lines.line == 1 {
                try readFirst(bytes)
            } else {
                try read(bytes)
            }
            if lines.file.bytesRead != reported {
                reported = lines.file.bytesRead
                try progress(state)
            }
        }
        try progress(state)
        guard let dimensions, count > 0 else { throw WordVectorsError.empty(path: path) }
        if let promisedCount, promisedCount != count {
            throw WordVectorsError.wrongCount(path: path, found: count, expected: promisedCount)
        }
        return dimensions
    }

    private var state: WordVectors.Progress {
        .init(bytes: lines.file.bytesRead, totalBytes: lines.file.size, words: count)
    }

    /// Parses the first line. In word2vec's format it has the number of vectors and their size; in GloVe's it has a vector.
    private mutating func readFirst(_ bytes: UnsafeRawBufferPointer) throws {
        if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x1F, 0x8B]) {
            throw WordVectorsError.packed(path: path)
        }
        let mark = bytes.starts(with: TextDecoding.byteOrderMark) ? TextDecoding.byteOrderMark.count : 0
        let line = UnsafeRawBufferPointer(rebasing: bytes[mark...])
        findFields(line)
        let header = fields.map { Int(String(decoding: line[$0], as: UTF8.self)) }
        if header.count == 2, let vectors = header[0], let numbers = header[1], vectors > 0, numbers > 0 {
            promisedCount = vectors
            dimensions = numbers
        } else {
            try read(line)
        }
    }

    /// Parses a line with a word and its vector.
    private mutating func read(_ line: UnsafeRawBufferPointer) throws {
        findFields(line)
        guard !fields.isEmpty else { return }
        let dimensions = self.dimensions ?? max(1, fields.count - 1)
        self.dimensions = dimensions
        // Some words in GloVe files contain spaces, so the numbers are counted from the end of the line.
        let firstNumber = fields.count - dimensions
        guard firstNumber > 0 else { throw wrongWidth(line, found: fields.count - 1) }
        if firstNumber > 1 {
            let surplus = fields[1..<firstNumber].reversed().prefix { number(line, $0)?.isFinite == true }.count
            guard surplus == 0 else { throw wrongWidth(line, found: dimensions + surplus) }
        }

        let start = values.count
        for field in fields[firstNumber...] {
            guard let number = number(line, field) else {
                throw failure(.malformedNumber(path: path, line: lines.line, text: text(line, field)), line)
            }
            guard number.isFinite else {
                throw WordVectorsError.notFinite(path: path, line: lines.line, text: text(line, field))
            }
            values.append(number)
        }
        let place = fields[0].lowerBound..<fields[firstNumber - 1].upperBound
        guard let word = String(validating: line[place], as: UTF8.self) else {
            throw WordVectorsError.notUTF8(path: path, line: lines.line)
        }
        count += 1
        if try !keep(word) { values.removeSubrange(start...) }
    }

    /// Stores `word` if it is new and wanted, and returns whether it was stored.
    private mutating func keep(_ word: String) throws -> Bool {
        if let wanted, !wanted.contains(word) { return false }
        if let place = places[word] {
            // Words with different bytes may be canonically equivalent in Unicode; keep the first one.
            guard !words[place].utf8.elementsEqual(word.utf8) else {
                throw WordVectorsError.duplicateWord(
                    path: path, line: lines.line, word: word, firstLine: wordLines[place])
            }
            return false
        }
        places[word] = words.count
        words.append(word)
        wordLines.append(lines.line)
        return true
    }

    /// Divides `line` into ``fields`` at spaces and tabs, without a carriage return at its end.
    private mutating func findFields(_ line: UnsafeRawBufferPointer) {
        fields.removeAll(keepingCapacity: true)
        let end = line.last == 0x0D ? line.count - 1 : line.count
        var start = 0
        for index in 0..<end where line[index] == 0x20 || line[index] == 0x09 {
            if index > start { fields.append(start..<index) }
            start = index + 1
        }
        if end > start { fields.append(start..<end) }
    }

    private func number(_ line: UnsafeRawBufferPointer, _ field: Range<Int>) -> Float? {
        parser.number(UnsafeRawBufferPointer(rebasing: line[field]))
    }

    private func text(_ line: UnsafeRawBufferPointer, _ field: Range<Int>) -> String {
        String(decoding: line[field], as: UTF8.self)
    }

    private func wrongWidth(_ line: UnsafeRawBufferPointer, found: Int) -> WordVectorsError {
        failure(.wrongWidth(path: path, line: lines.line, found: found, expected: dimensions ?? 1), line)
    }

    /// Returns `error`, or the more helpful error that `line` is not UTF-8.
    private func failure(_ error: WordVectorsError, _ line: UnsafeRawBufferPointer) -> WordVectorsError {
        String(validating: line, as: UTF8.self) == nil ? .notUTF8(path: path, line: lines.line) : error
    }
}

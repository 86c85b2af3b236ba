import ChargenFiles

/// Reads word vectors from text, line by line.
struct WordVectorsReader {
    private let lines: LineReader
    private let parser = DecimalParser()
    private let wanted: Set<String>?
    /// What the first line promises.
    private var promisedCount: Int?
    private var dimensions: Int?
    /// Vectors read, wanted or not.
    private var count = 0
    /// Where the fields of the line at hand lie.
    private var fields: [Range<Int>] = []

    private(set) var words: [String] = []
    private(set) var values: [Float] = []
    private(set) var places: [String: Int] = [:]
    /// The lines that the words stand on.
    private var wordLines: [Int] = []

    private var path: String { lines.file.path }

    /// Keeps only words of `wanted`, where there is such a set.
    init(path: String, wanted: Set<String>?) throws {
        lines = try LineReader(path: path)
        self.wanted = wanted
    }

    /// Reads all; returns the numbers of a vector.
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

    /// word2vec's first line is the number of vectors and that of their numbers; GloVe's is a vector.
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

    private mutating func read(_ line: UnsafeRawBufferPointer) throws {
        findFields(line)
        guard !fields.isEmpty else { return }
        let dimensions = self.dimensions ?? max(1, fields.count - 1)
        self.dimensions = dimensions
        // A few words of GloVe's have spaces in them, so the numbers are counted from the end.
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

    /// Whether `word` is new and wanted.
    private mutating func keep(_ word: String) throws -> Bool {
        if let wanted, !wanted.contains(word) { return false }
        if let place = places[word] {
            // Words that differ in their bytes may be equal to Unicode; the first is as good as the second.
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

    /// Cuts `line` at spaces and tabs; a carriage return at its end is none of it.
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

    /// `error`, or the reason for it where `line` is no text at all.
    private func failure(_ error: WordVectorsError, _ line: UnsafeRawBufferPointer) -> WordVectorsError {
        String(validating: line, as: UTF8.self) == nil ? .notUTF8(path: path, line: lines.line) : error
    }
}

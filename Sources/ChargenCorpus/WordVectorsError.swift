import ChargenText

/// What can be wrong with a file of word vectors.
public enum WordVectorsError: Error, Equatable, CustomStringConvertible {
    /// `path` is a zip archive or packed by gzip.
    case packed(path: String)
    /// There is no vector in `path`.
    case empty(path: String)
    /// Line `line` has `text` where a number belongs.
    case malformedNumber(path: String, line: Int, text: String)
    /// Line `line` has `text` where a finite number belongs.
    case notFinite(path: String, line: Int, text: String)
    /// Line `line` has `found` numbers where the first line promised `expected`.
    case wrongWidth(path: String, line: Int, found: Int, expected: Int)
    /// Line `line` has a word that line `firstLine` has too.
    case duplicateWord(path: String, line: Int, word: String, firstLine: Int)
    /// There are `found` vectors where the first line promised `expected`.
    case wrongCount(path: String, found: Int, expected: Int)
    /// Line `line` is not UTF-8.
    case notUTF8(path: String, line: Int)
    /// Line `line` has more than `limit` bytes.
    case lineTooLong(path: String, line: Int, limit: Int)

    /// What is wrong and the way out, in one line.
    public var description: String {
        switch self {
        case .packed(let path):
            "\(path): is packed; unpack it and name one of the files with vectors"
        case .empty(let path):
            "\(path): has no vectors; name a file with a word and its numbers on each line"
        case .malformedNumber(let path, let line, let text):
            "\(path): line \(line): \(text.quoted) is not a number; mend or remove the line"
        case .notFinite(let path, let line, let text):
            "\(path): line \(line): \(text.quoted) is not a finite number; mend or remove the line"
        case .wrongWidth(let path, let line, let found, let expected):
            "\(path): line \(line) has \(found) \(found == 1 ? "number" : "numbers") where the first line promises "
                + "\(expected); mend or remove the line, or copy or download the file again"
        case .duplicateWord(let path, let line, let word, let firstLine):
            "\(path): line \(line) has \(word.quoted), which line \(firstLine) has too; remove one of them"
        case .wrongCount(let path, let found, let expected):
            "\(path): has \(found) \(found == 1 ? "vector" : "vectors") where line 1 promises \(expected); "
                + "copy or download it again, or mend line 1"
        case .notUTF8(let path, let line):
            "\(path): line \(line) is not UTF-8; save the vectors as text in UTF-8 (the binary format is not read)"
        case .lineTooLong(let path, let line, let limit):
            "\(path): line \(line) has more than \(limit) bytes; save the vectors as text, one word on each line"
        }
    }
}

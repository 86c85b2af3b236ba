import ChargenText

/// An error in the content of a file of word vectors.
public enum WordVectorsError: Error, Equatable, CustomStringConvertible {
    /// The file is a zip archive or is compressed by gzip.
    case packed(path: String)
    /// The file contains no vector.
    case empty(path: String)
    /// Line `line` has `text` in place of a number.
    case malformedNumber(path: String, line: Int, text: String)
    /// Line `line` has `text` in place of a finite number.
    case notFinite(path: String, line: Int, text: String)
    /// Line `line` has `found` numbers, but the first line announces `expected` (or has so many itself).
    case wrongWidth(path: String, line: Int, found: Int, expected: Int)
    /// Line `line` has the same word as line `firstLine`.
    case duplicateWord(path: String, line: Int, word: String, firstLine: Int)
    /// The file has `found` vectors, but the first line announces `expected`.
    case wrongCount(path: String, found: Int, expected: Int)
    /// Line `line` is not UTF-8.
    case notUTF8(path: String, line: Int)

    /// One line that says what is wrong and what to do about it.
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
        }
    }
}

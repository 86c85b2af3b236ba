import ArgumentParser
import Chargen

/// Exit statuses, as `sysexits.h` numbers them.
enum ExitStatus {
    static let usage: Int32 = 64
    static let badData: Int32 = 65
    static let noInput: Int32 = 66
    static let internalError: Int32 = 70
    static let cannotCreate: Int32 = 73
    static let inputOutput: Int32 = 74
    /// As a shell reports a program that SIGINT ended.
    static let interrupted: Int32 = 130

    /// The status that belongs to `error`.
    static func code(for error: any Error) -> Int32 {
        switch error {
        case is ValidationError, is SamplingError, is BackendError: usage
        case TrainingError.outOfRange, ModelError.outOfRange, CorpusError.limitOutOfRange: usage
        case let error as SavedElsewhere: code(for: error.error)
        case let error as FileError:
            switch error {
            case .notFound, .isDirectory, .unreadable: noInput
            case .tooLarge: badData
            case .folderMissing, .cannotCreate: cannotCreate
            case .writeFailed, .appendFailed: inputOutput
            }
        case is CorpusError, is ModelFileError, is ModelError, is TextError, is TrainingError, is LabelledTextsError,
            is WordVectorsError, is LayerError:
            badData
        default: internalError
        }
    }

    /// `error` in one line, without characters that would move a terminal's cursor.
    static func message(for error: any Error) -> String { oneLine("\(error)") }

    /// `text` in one line; control characters are shown, not sent.
    static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? $0.escaped(asASCII: true) : String($0) }
            .joined()
    }
}

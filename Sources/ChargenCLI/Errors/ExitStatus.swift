import ArgumentParser
import Chargen

/// The exit statuses of the command, numbered as in `sysexits.h`. A run that a signal ended has another; see ``Interruption``.
enum ExitStatus {
    static let usage: Int32 = 64
    static let badData: Int32 = 65
    static let noInput: Int32 = 66
    static let internalError: Int32 = 70
    static let cannotCreate: Int32 = 73
    static let inputOutput: Int32 = 74

    /// The exit status for `error`.
    static func code(for error: any Error) -> Int32 {
        switch error {
        case is ValidationError, is SamplingError, is BackendError: usage
        case TrainingError.outOfRange, ModelError.outOfRange, CorpusError.limitOutOfRange: usage
        case let error as SavedElsewhere: code(for: error.error)
        case let error as StoppedTraining: code(for: error.error)
        case let error as FileError:
            switch error {
            case .notFound, .isDirectory, .unreadable: noInput
            case .tooLarge, .lineTooLong: badData
            case .folderMissing, .cannotCreate: cannotCreate
            case .writeFailed, .appendFailed: inputOutput
            }
        case is CorpusError, is ModelFileError, is ModelError, is TextError, is TrainingError, is LabelledTextsError,
            is WordVectorsError, is LayerError:
            badData
        default: internalError
        }
    }

    /// The description of `error` in one line, without characters that would move a terminal's cursor.
    static func message(for error: any Error) -> String { oneLine(Advice.message(for: error)) }

    /// `text` in one line, with control characters escaped.
    static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? $0.escaped(asASCII: true) : String($0) }
            .joined()
    }
}

import Chargen

/// What a user of the command can do about an error: the options and commands that the library's errors do not name.
enum Advice {
    /// The description of `error` and, where there is one, the way out.
    static func message(for error: any Error) -> String {
        guard let advice = advice(for: error) else { return "\(error)" }
        return "\(error)\(advice)"
    }

    /// The way out, as it continues the description of `error`; nil where that says enough.
    private static func advice(for error: any Error) -> String? {
        switch error {
        case TrainingError.diverged:
            "; use a smaller --learning-rate or --clip-norm"
        case ModelFileError.headerLength, ModelFileError.notAModel:
            "; make one with chargen train"
        case ModelFileError.otherKind(_, let found, _):
            "; use it with \(found.use)"
        case CorpusError.notUTF8(_, _, _, let encoding):
            ": iconv -f \(encoding) -t UTF-8 OLD.txt > NEW.txt"
        case FileError.isDirectory:
            " (texts in a folder can be zipped: zip -r corpus.zip FOLDER)"
        case FileError.folderMissing(_, let folder):
            ": mkdir -p \(folder)"
        default:
            nil
        }
    }
}

extension SavedModel.Kind {
    /// What uses a model of this kind.
    fileprivate var use: String {
        switch self {
        case .characterModel: "chargen sample"
        case .classifier: "chargen classify predict"
        case .sequential: "chargen info, or in a program with Sequential(contentsOf:)"
        }
    }
}

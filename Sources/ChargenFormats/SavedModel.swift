import ChargenNN

/// The content of any file that chargen writes: a character model, a classifier or a model of layers.
///
/// Use it where the kind of a file is not known beforehand; ``ModelFile``, ``ClassifierFile`` and
/// `Sequential(contentsOf:)` accept only their own kind.
///
///     switch try SavedModel(path: path) {
///     case .characterModel(let file): print(file.model.vocabulary.count)
///     case .classifier(let file): print(file.classifier.labelNames)
///     case .sequential(let model): print(model.summary())
///     }
public enum SavedModel {
    /// A model that predicts characters, and what is known about its training.
    case characterModel(ModelFile)
    /// A model that predicts the label of a text.
    case classifier(ClassifierFile)
    /// A model of layers.
    case sequential(Sequential)

    /// The kinds of models that a file can contain.
    public enum Kind: Sendable, CaseIterable, CustomStringConvertible {
        /// A model that predicts characters.
        case characterModel
        /// A model that predicts the label of a text.
        case classifier
        /// A model of layers.
        case sequential

        /// The kind in words, with an article.
        public var description: String {
            switch self {
            case .characterModel: "a character model"
            case .classifier: "a classifier"
            case .sequential: "a model of layers (Sequential)"
            }
        }

        /// The metadata key that files of this kind have.
        var key: String {
            switch self {
            case .characterModel: "chargen.network"
            case .classifier: "chargen.classifier"
            case .sequential: "chargen.sequential"
            }
        }
    }

    /// Reads the file at `path` and checks everything in it.
    /// - Throws: ``ModelFileError``, `FileError`, `BackendError`.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        let metadata = try FileMetadata(file, path: path)
        self =
            switch metadata.kind {
            case .characterModel: .characterModel(try ModelFile(file, metadata, path: path))
            case .classifier: .classifier(try ClassifierFile(file, metadata, path: path))
            case .sequential: .sequential(try Sequential(file, metadata, path: path))
            }
    }
}

import ChargenModels
import ChargenNN

/// The content of any file that chargen writes: a character model, a classifier or a model of layers.
///
/// Use it where the kind of a file is not known beforehand; `CharacterModel.init(contentsOf:)`,
/// `TextClassifier.init(contentsOf:)` and `Sequential.init(contentsOf:)` accept only their own kind.
///
///     switch try SavedModel(contentsOf: path) {
///     case .characterModel(let model): print(model.vocabulary.count)
///     case .classifier(let classifier): print(classifier.labelNames)
///     case .sequential(let model): print(model.summary())
///     }
public enum SavedModel {
    /// A model that predicts characters.
    case characterModel(CharacterModel)
    /// A model that predicts the label of a text.
    case classifier(TextClassifier)
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
    }

    /// Reads the file at `path` and checks everything in it.
    /// - Throws: ``ModelFileError``, `FileError`, `BackendError`.
    public init(contentsOf path: String) throws {
        let file = try SafetensorsFile(path: path)
        let metadata = try FileMetadata(file, path: path)
        self =
            switch metadata.kind {
            case .characterModel: .characterModel(try CharacterModel(file, metadata, path: path))
            case .classifier: .classifier(try TextClassifier(file, metadata, path: path))
            case .sequential: .sequential(try Sequential(file, metadata, path: path))
            }
    }
}

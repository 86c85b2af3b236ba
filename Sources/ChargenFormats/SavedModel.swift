import ChargenModels

/// The content of any file that chargen writes: a character model or a classifier.
///
/// Use it where the kind of a file is not known beforehand; `CharacterModel.init(contentsOf:)` and
/// `TextClassifier.init(contentsOf:)` accept only their own kind.
///
///     switch try SavedModel(contentsOf: path) {
///     case .characterModel(let model): print(model.vocabulary.count)
///     case .classifier(let classifier): print(classifier.labelNames)
///     }
public enum SavedModel: Sendable {
    /// A model that predicts characters.
    case characterModel(CharacterModel)
    /// A model that predicts the label of a text.
    case classifier(TextClassifier)

    /// Reads the file at `path` and checks everything in it.
    /// - Throws: ``ModelFileError``, `FileError`, `BackendError`.
    public init(contentsOf path: String) throws {
        let file = try SafetensorsFile(path: path)
        let metadata = try FileMetadata(file, path: path)
        self =
            metadata[FileMetadata.classifierKey] == nil
            ? .characterModel(try CharacterModel(file, metadata, path: path))
            : .classifier(try TextClassifier(file, metadata, path: path))
    }
}

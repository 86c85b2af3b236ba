/// The content of any file that chargen writes: a character model or a classifier.
///
/// Use it where the kind of a file is not known beforehand; ``ModelFile`` and ``ClassifierFile`` accept only their own kind.
///
///     switch try SavedModel(path: path) {
///     case .characterModel(let file): print(file.model.vocabulary.count)
///     case .classifier(let file): print(file.classifier.labelNames)
///     }
public enum SavedModel: Sendable {
    /// A model that predicts characters, and what is known about its training.
    case characterModel(ModelFile)
    /// A model that predicts the label of a text.
    case classifier(ClassifierFile)

    /// Reads the file at `path` and checks everything in it.
    /// - Throws: ``ModelFileError``, `FileError`, `BackendError`.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        let metadata = try FileMetadata(file, path: path)
        self =
            metadata[ClassifierFile.configurationKey] == nil
            ? .characterModel(try ModelFile(file, metadata, path: path))
            : .classifier(try ClassifierFile(file, metadata, path: path))
    }
}

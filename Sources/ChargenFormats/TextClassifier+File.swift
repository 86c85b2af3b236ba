import ChargenFiles
import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenText

/// The file of a text classifier: its weights, configuration, vocabulary and labels.
///
/// The format is Hugging Face's safetensors. The tensors have PyTorch's names and layouts (see `TextClassifier.tensors()`);
/// everything else is JSON in the metadata, under keys that begin with `chargen.`.
///
///     try trainer.classifier.save(to: "classifier.safetensors")
///     let classifier = try TextClassifier(contentsOf: "classifier.safetensors")
extension TextClassifier {
    /// Reads the classifier file at `path` and checks everything in it.
    /// - Throws: ``ModelFileError``, `FileError`, `BackendError`.
    public init(contentsOf path: String) throws {
        let file = try SafetensorsFile(path: path)
        try self.init(file, try FileMetadata(file, path: path), path: path)
    }

    /// Reads the classifier in `file`, which has `metadata` and was read from `path`.
    init(_ file: SafetensorsFile, _ metadata: FileMetadata, path: String) throws {
        try metadata.require(.classifier)
        let configuration = try metadata.read(ClassifierConfiguration.self, FileMetadata.classifierKey)
        let labels = try metadata.read([String].self, Self.labelsKey)
        let unit = try metadata.read(TextDescription.self, FileMetadata.textKey).unit
        let tokens = try metadata.read([String].self, FileMetadata.vocabularyKey)
        guard labels.count > 1, Set(labels).count == labels.count else {
            throw ModelFileError.badHeader(path: path, reason: "“\(Self.labelsKey)” are not two or more different labels")
        }
        do {
            try self.init(
                configuration: configuration, vocabulary: try TokenVocabulary(tokens: tokens, unit: unit),
                labelNames: labels, tensors: file.tensorsByName)
        } catch let error as ModelError {
            throw ModelFileError.badWeights(path: path, reason: error.description)
        } catch let error as LayerError {
            throw ModelFileError.badWeights(path: path, reason: error.description)
        } catch let error as TextError {
            throw ModelFileError.badHeader(path: path, reason: error.description)
        }
    }

    /// Writes the classifier file atomically: a program that reads it sees the old content or the new one, never a part.
    /// - Throws: `FileError`, `BackendError`; a file that was there before is then unchanged.
    public func save(to path: String) throws {
        let metadata = [
            FileMetadata.formatKey: FileMetadata.format,
            FileMetadata.classifierKey: try FileMetadata.json(configuration),
            Self.labelsKey: try FileMetadata.json(labelNames),
            FileMetadata.textKey: try FileMetadata.json(TextDescription(unit: vocabulary.unit)),
            FileMetadata.vocabularyKey: try FileMetadata.json(vocabulary.tokens),
        ]
        let file = SafetensorsFile(metadata: metadata, tensors: try tensors())
        try AtomicFile(path: path).write(try file.bytes())
    }

    private static let labelsKey = "chargen.labels"
}

/// The rules for texts that the classifier reads.
private struct TextDescription: Codable {
    var unit: TextUnit
}

import ChargenFiles
import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenText

/// A file that contains a text classifier: its weights, configuration, vocabulary and labels.
///
/// The format is Hugging Face's safetensors. The tensors have PyTorch's names and layouts (see `TextClassifier.tensors()`);
/// everything else is JSON in the metadata, under keys that begin with `chargen.`.
///
///     try ClassifierFile(classifier: trainer.classifier).write(to: "classifier.safetensors")
///     let classifier = try ClassifierFile(path: "classifier.safetensors").classifier
public struct ClassifierFile: Sendable {
    /// The classifier.
    public var classifier: TextClassifier

    /// Creates the content of a file from `classifier`; ``write(to:)`` writes it.
    public init(classifier: TextClassifier) { self.classifier = classifier }

    /// The metadata key of the configuration; only classifiers have it.
    static let configurationKey = "chargen.classifier"

    /// Reads the file at `path` and checks everything in it.
    /// - Throws: ``ModelFileError``, `FileError`, `BackendError`.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        try self.init(file, try FileMetadata(file, path: path), path: path)
    }

    /// Reads the classifier in `file`, which has `metadata` and was read from `path`.
    init(_ file: SafetensorsFile, _ metadata: FileMetadata, path: String) throws {
        guard metadata[Self.configurationKey] != nil else {
            throw ModelFileError.otherKind(path: path, found: "a model that writes text", use: "chargen sample")
        }
        let configuration = try metadata.read(ClassifierConfiguration.self, Self.configurationKey)
        let labels = try metadata.read([String].self, "chargen.labels")
        let unit = try metadata.read(TextDescription.self, "chargen.text").unit
        let tokens = try metadata.read([String].self, "chargen.vocabulary")
        guard labels.count > 1, Set(labels).count == labels.count else {
            throw ModelFileError.badHeader(path: path, reason: "“chargen.labels” are not two or more different labels")
        }
        do {
            classifier = try TextClassifier(
                configuration: configuration, vocabulary: try TokenVocabulary(tokens: tokens, unit: unit),
                labelNames: labels, tensors: Dictionary(uniqueKeysWithValues: file.tensors.map { ($0, $1) }))
        } catch let error as ModelError {
            throw ModelFileError.badWeights(path: path, reason: error.description)
        } catch let error as LayerError {
            throw ModelFileError.badWeights(path: path, reason: error.description)
        } catch let error as TextError {
            throw ModelFileError.badHeader(path: path, reason: error.description)
        }
    }

    /// Writes the file atomically: a program that reads it sees the old content or the new one, never a part.
    /// - Throws: `FileError`, `BackendError`; a file that was there before is then unchanged.
    public func write(to path: String) throws {
        let metadata = [
            FileMetadata.formatKey: FileMetadata.format,
            Self.configurationKey: try FileMetadata.json(classifier.configuration),
            "chargen.labels": try FileMetadata.json(classifier.labelNames),
            "chargen.text": try FileMetadata.json(TextDescription(unit: classifier.vocabulary.unit)),
            "chargen.vocabulary": try FileMetadata.json(classifier.vocabulary.tokens),
        ]
        let file = SafetensorsFile(metadata: metadata, tensors: try classifier.tensors())
        try AtomicFile(path: path).write(try file.bytes())
    }

    /// The value of the key `chargen.text`.
    private struct TextDescription: Codable {
        var unit: TextUnit
    }
}

import ChargenClassification
import ChargenFiles
import ChargenNN
import ChargenTensor
import ChargenText

/// A classifier in one self-describing file: weights, vocabulary, labels.
///
/// The format is that of ``ModelFile``; tensors bear PyTorch's names (see `TextClassifier.tensors()`).
public struct ClassifierFile: Sendable {
    /// The classifier.
    public var classifier: TextClassifier

    /// A file of `classifier`.
    public init(classifier: TextClassifier) { self.classifier = classifier }

    /// Reads a file and checks all of it: nothing in it is trusted.
    /// - Throws: ``ModelFileError``, ``FileError``, `BackendError`.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        let metadata = try FileMetadata(file, path: path)
        guard metadata["chargen.classifier"] != nil else {
            throw ModelFileError.otherKind(path: path, found: "a model that writes text", use: "chargen sample")
        }
        let configuration = try metadata.read(ClassifierConfiguration.self, "chargen.classifier")
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

    /// Writes the file whole or not at all: to a temporary name, synced, renamed.
    /// - Throws: ``FileError``, `BackendError`; what was there before is then untouched.
    public func write(to path: String) throws {
        let metadata = [
            FileMetadata.formatKey: FileMetadata.format,
            "chargen.classifier": try FileMetadata.json(classifier.configuration),
            "chargen.labels": try FileMetadata.json(classifier.labelNames),
            "chargen.text": try FileMetadata.json(TextDescription(unit: classifier.vocabulary.unit)),
            "chargen.vocabulary": try FileMetadata.json(classifier.vocabulary.tokens),
        ]
        let file = SafetensorsFile(metadata: metadata, tensors: try classifier.tensors())
        try AtomicFile(path: path).write(try file.bytes())
    }

    /// What stands under `chargen.text`.
    private struct TextDescription: Codable {
        var unit: TextUnit
    }
}

import ChargenFiles
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenText

/// A file that contains a character model: its weights, configuration and vocabulary, the defaults for sampling, and a record
/// of the training.
///
/// The format is Hugging Face's safetensors. The tensors have PyTorch's names and layouts (see `RNNModel.tensors`); everything
/// else is JSON in the metadata, under keys that begin with `chargen.`.
///
///     try ModelFile(model: trainer.model, training: trainer.record).write(to: "model.safetensors")
///     let model = try ModelFile(path: "model.safetensors").model
public struct ModelFile: Sendable {
    /// The model.
    public var model: CharacterModel
    /// The record of the training; nil if it is unknown.
    public var training: TrainingRecord?

    /// Creates the content of a file; ``write(to:)`` writes it.
    public init(model: CharacterModel, training: TrainingRecord? = nil) {
        self.model = model
        self.training = training
    }

    /// Reads the file at `path` and checks everything in it.
    /// - Throws: ``ModelFileError``, `FileError`.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        try self.init(file, try FileMetadata(file, path: path), path: path)
    }

    /// Reads the model in `file`, which has `metadata` and was read from `path`.
    init(_ file: SafetensorsFile, _ metadata: FileMetadata, path: String) throws {
        guard metadata[ClassifierFile.configurationKey] == nil else {
            throw ModelFileError.otherKind(path: path, found: "a classifier", use: "chargen classify predict")
        }
        let version = metadata.version
        let description = try metadata.read(NetworkDescription.self, "chargen.network")
        guard let cell = RNNConfiguration.Cell(rawValue: description.cell),
            description.input == "one-hot" || description.input == "embedding" && description.embedding != nil
        else {
            throw ModelFileError.newerFormat(
                path: path,
                version: "\(version) with cell \(description.cell), layers \(description.layers), "
                    + "input \(description.input)")
        }
        let characters = try metadata.read([String].self, "chargen.vocabulary")
        do {
            guard characters.allSatisfy({ $0.count == 1 }), characters.count == description.vocabularySize else {
                throw ModelFileError.badHeader(
                    path: path, reason: "the vocabulary is not \(description.vocabularySize) characters")
            }
            let sampling = try metadata.read(SamplingOptions.self, "chargen.sampling")
            _ = try sampling.filters()
            let vocabulary = try Vocabulary(characters: characters.map { Character($0) })
            let configuration = try RNNConfiguration(
                cell: cell, vocabularySize: description.vocabularySize, hiddenSize: description.hidden,
                layers: description.layers,
                embeddingSize: description.input == "embedding" ? description.embedding : nil)
            let network = try RNNModel(
                configuration: configuration, tensors: Dictionary(uniqueKeysWithValues: file.tensors.map { ($0, $1) }))
            model = CharacterModel(
                network: network, vocabulary: vocabulary,
                lineBreaks: try metadata.read(TextDescription.self, "chargen.text").lineBreaks,
                sampling: sampling)
        } catch let error as ModelError {
            throw ModelFileError.badWeights(path: path, reason: error.description)
        } catch let error as TextError {
            throw ModelFileError.badHeader(path: path, reason: error.description)
        } catch let error as SamplingError {
            throw ModelFileError.badHeader(path: path, reason: "“chargen.sampling”: \(error)")
        }
        training = metadata["chargen.training"] == nil ? nil : try metadata.read(TrainingRecord.self, "chargen.training")
    }

    /// Writes the file atomically: a program that reads it sees the old content or the new one, never a part.
    /// - Throws: `FileError`; a file that was there before is then unchanged.
    public func write(to path: String) throws {
        let configuration = model.network.configuration
        var metadata = [
            FileMetadata.formatKey: FileMetadata.format,
            "chargen.network": try FileMetadata.json(
                NetworkDescription(
                    cell: configuration.cell.rawValue, layers: configuration.layers, hidden: configuration.hiddenSize,
                    input: configuration.embeddingSize == nil ? "one-hot" : "embedding",
                    embedding: configuration.embeddingSize, vocabularySize: configuration.vocabularySize)),
            "chargen.vocabulary": try FileMetadata.json(model.vocabulary.characters.map { String($0) }),
            "chargen.text": try FileMetadata.json(TextDescription(lineBreaks: model.lineBreaks)),
            "chargen.sampling": try FileMetadata.json(model.sampling),
        ]
        if let training { metadata["chargen.training"] = try FileMetadata.json(training) }
        let file = SafetensorsFile(metadata: metadata, tensors: try model.network.tensors)
        try AtomicFile(path: path).write(try file.bytes())
    }
}

/// The value of the key `chargen.network`.
private struct NetworkDescription: Codable {
    var cell: String
    var layers: Int
    var hidden: Int
    var input: String
    var embedding: Int?
    var vocabularySize: Int
}

/// The value of the key `chargen.text`.
private struct TextDescription: Codable {
    var lineBreaks: LineBreaks
}

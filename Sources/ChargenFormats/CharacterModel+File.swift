import ChargenFiles
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTensor
import ChargenText

/// The file of a character model: its weights, configuration and vocabulary, the defaults for sampling, and the record of the
/// training.
///
/// The format is Hugging Face's safetensors. The tensors have PyTorch's names and layouts (see `RNNModel.tensors`); everything
/// else is JSON in the metadata, under keys that begin with `chargen.`. A key or value that this version does not know is
/// ignored where the model means the same without it, and a value that is missing has its default.
///
///     try trainer.model.save(to: "model.safetensors")
///     let model = try CharacterModel(contentsOf: "model.safetensors")
extension CharacterModel {
    /// Reads the model file at `path` and checks everything in it.
    /// - Throws: ``ModelFileError``, `FileError`, `BackendError`.
    public init(contentsOf path: String) throws {
        let file = try SafetensorsFile(path: path)
        try self.init(file, try FileMetadata(file, path: path), path: path)
    }

    /// Reads the model in `file`, which has `metadata` and was read from `path`.
    init(_ file: SafetensorsFile, _ metadata: FileMetadata, path: String) throws {
        try metadata.require(.characterModel)
        let description = try metadata.read(NetworkDescription.self, NetworkDescription.key)
        guard let cell = RNNConfiguration.Cell(rawValue: description.cell),
            description.input == NetworkDescription.oneHot
                || description.input == NetworkDescription.embeddingInput && description.embedding != nil,
            [nil, NetworkDescription.layerNorm].contains(description.norm)
        else {
            throw ModelFileError.newerFormat(
                path: path,
                version: "\(metadata.version) with cell \(description.cell), layers \(description.layers), "
                    + "input \(description.input), norm \(description.norm ?? "none")")
        }
        let characters = try metadata.read([String].self, FileMetadata.vocabularyKey)
        let vocabularySize = description.vocabularySize ?? characters.count
        do {
            guard characters.allSatisfy({ $0.count == 1 }), characters.count == vocabularySize else {
                throw ModelFileError.badHeader(
                    path: path, reason: "the vocabulary is not \(vocabularySize) characters")
            }
            let sampling = try metadata.readIfPresent(SamplingOptions.self, Self.samplingKey) ?? SamplingOptions()
            _ = try sampling.filters()
            let vocabulary = try Vocabulary(characters: characters.map { Character($0) })
            let configuration = try RNNConfiguration(
                cell: cell, vocabularySize: vocabularySize, hiddenSize: description.hidden, layers: description.layers,
                embeddingSize: description.input == NetworkDescription.embeddingInput ? description.embedding : nil,
                layerNorm: description.norm == NetworkDescription.layerNorm)
            let network = try RNNModel(
                configuration: configuration, tensors: file.tensorsByName)
            self.init(
                network: network, vocabulary: vocabulary,
                lineBreaks: try metadata.read(TextDescription.self, FileMetadata.textKey).lineBreaks,
                sampling: sampling, training: try metadata.readIfPresent(TrainingRecord.self, Self.trainingKey))
        } catch let error as ModelError {
            throw ModelFileError.badWeights(path: path, reason: error.description)
        } catch let error as TextError {
            throw ModelFileError.badHeader(path: path, reason: error.description)
        } catch let error as SamplingError {
            throw ModelFileError.badHeader(path: path, reason: "“\(Self.samplingKey)”: \(error)")
        }
    }

    /// Writes the model file atomically: a program that reads it sees the old content or the new one, never a part.
    /// - Throws: `FileError`, `BackendError`; a file that was there before is then unchanged.
    public func save(to path: String) throws {
        var metadata = [
            FileMetadata.formatKey: FileMetadata.format,
            NetworkDescription.key: try FileMetadata.json(NetworkDescription(network.configuration)),
            FileMetadata.vocabularyKey: try FileMetadata.json(vocabulary.characters.map { String($0) }),
            FileMetadata.textKey: try FileMetadata.json(TextDescription(lineBreaks: lineBreaks)),
            Self.samplingKey: try FileMetadata.json(sampling),
        ]
        if let training { metadata[Self.trainingKey] = try FileMetadata.json(training) }
        let file = SafetensorsFile(metadata: metadata, tensors: try network.tensors)
        try AtomicFile(path: path).write(try file.bytes())
    }

    private static let samplingKey = "chargen.sampling", trainingKey = "chargen.training"
}

/// The architecture of the network, as the file describes it.
private struct NetworkDescription: Codable {
    var cell: String
    var layers: Int
    var hidden: Int
    var input: String
    var embedding: Int?
    var vocabularySize: Int?
    /// The normalization of the recurrent products; nil for none.
    var norm: String?

    static let key = "chargen.network"
    /// The values of `input`.
    static let oneHot = "one-hot", embeddingInput = "embedding"
    /// The value of `norm`.
    static let layerNorm = "layer"

    init(_ configuration: RNNConfiguration) {
        cell = configuration.cell.rawValue
        layers = configuration.layers
        hidden = configuration.hiddenSize
        input = configuration.embeddingSize == nil ? Self.oneHot : Self.embeddingInput
        embedding = configuration.embeddingSize
        vocabularySize = configuration.vocabularySize
        norm = configuration.layerNorm ? Self.layerNorm : nil
    }

    /// Decodes a description; what is missing has its default, but for the hidden size, which has none.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        cell = try values.decodeIfPresent(String.self, forKey: .cell) ?? RNNConfiguration.Cell.lstm.rawValue
        layers = try values.decodeIfPresent(Int.self, forKey: .layers) ?? 1
        hidden = try values.decode(Int.self, forKey: .hidden)
        embedding = try values.decodeIfPresent(Int.self, forKey: .embedding)
        input = try values.decodeIfPresent(String.self, forKey: .input)
            ?? (embedding == nil ? Self.oneHot : Self.embeddingInput)
        vocabularySize = try values.decodeIfPresent(Int.self, forKey: .vocabularySize)
        norm = try values.decodeIfPresent(String.self, forKey: .norm)
    }
}

/// The rules for texts that the model reads.
private struct TextDescription: Codable {
    var lineBreaks: LineBreaks
}

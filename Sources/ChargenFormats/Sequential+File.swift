import ChargenDevice
import ChargenFiles
import ChargenNN
import ChargenTensor

/// Files that contain a `Sequential`: its layers, weights, input size, precision and seed.
///
/// The format is Hugging Face's safetensors. The layers are JSON in the metadata, under the key `chargen.sequential`, with
/// Keras's class names and options; the tensors have Keras's names and layouts, as `Sequential.weights` gives them. The
/// states that stateful layers carry are not saved.
extension Sequential {
    /// Reads the file at `path`, which ``save(to:)`` wrote, and checks everything in it. Options that the file does not
    /// mention have Keras's defaults.
    ///
    ///     let model = try Sequential(contentsOf: "model.safetensors")
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - device: the device that the model computes on.
    /// - Throws: ``ModelFileError``, `FileError`, `BackendError`.
    public convenience init(contentsOf path: String, device: Device = .default) throws {
        let file = try SafetensorsFile(path: path)
        try self.init(file, try FileMetadata(file, path: path), path: path, device: device)
    }

    /// Reads the model in `file`, which has `metadata` and was read from `path`.
    convenience init(_ file: SafetensorsFile, _ metadata: FileMetadata, path: String, device: Device = .default) throws {
        try metadata.require(.sequential)
        let description = try metadata.read(SequentialDescription.self, FileMetadata.sequentialKey)
        do {
            try self.init(
                try description.layers.map { try $0.layer }, inputSize: description.inputSize,
                seed: description.seed ?? 0, precision: description.precision ?? .float32,
                on: device.backend())
            try setKerasTensors(file.tensorsByName)
        } catch LayerDescriptionError.unknown(let what) {
            throw ModelFileError.newerFormat(path: path, version: "\(metadata.version) with \(what)")
        } catch let error as LayerDescriptionError {
            throw ModelFileError.badHeader(path: path, reason: error.description)
        } catch let error as LayerError {
            throw ModelFileError.badHeader(path: path, reason: error.description)
        } catch let error as ModelError {
            throw ModelFileError.badWeights(path: path, reason: error.description)
        }
    }

    /// Writes the model atomically: a program that reads the file sees the old content or the new one, never a part. The
    /// same model gives the same bytes.
    ///
    ///     try model.save(to: "model.safetensors")
    ///
    /// - Throws: `FileError`, `LayerError` for an option that is no finite number, `ModelError` for a weight that is none; a
    ///   file that was there before is then unchanged.
    public func save(to path: String) throws {
        let weights = weights
        _ = try kerasWeights.matching(Dictionary(uniqueKeysWithValues: weights.map { ($0, $1) }))
        let metadata = [
            FileMetadata.formatKey: FileMetadata.format,
            FileMetadata.sequentialKey: try FileMetadata.json(
                SequentialDescription(
                    layers: try describedLayers, inputSize: inputSize, precision: precision, seed: seed)),
        ]
        try AtomicFile(path: path).write(try SafetensorsFile(metadata: metadata, tensors: weights).bytes())
    }

    /// The layers as they are described in a file.
    /// - Throws: `LayerError` for an option that is no finite number, which JSON cannot hold.
    package var describedLayers: [LayerDescription] {
        get throws {
            try zip(names, layers).map { name, layer in
                let description = try LayerDescription(layer)
                for (option, value) in description.config where !value.isFinite {
                    throw LayerError.outOfRange(
                        layer: name, option: option, value: "with NaN or infinity", allowed: "finite numbers")
                }
                return description
            }
        }
    }
}

/// The value of the key `chargen.sequential`.
private struct SequentialDescription: Codable {
    var layers: [LayerDescription]
    /// Numbers in a row of the input, D; nil where the first layer reads token ids.
    var inputSize: Int?
    var precision: Precision?
    /// The seed that dropouts draw from.
    var seed: UInt64?
}

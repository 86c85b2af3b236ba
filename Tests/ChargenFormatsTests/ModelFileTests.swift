import ChargenFiles
import ChargenFormats
import ChargenModels
import ChargenNN
import ChargenSampling
import ChargenTestSupport
import ChargenText
import ChargenTraining
import Foundation
import Testing

@Suite struct ModelFileTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("model.safetensors")
    }

    private func model() throws -> CharacterModel {
        let vocabulary = Vocabulary(text: "ab\"\\\n分e\u{301}/")
        let network = try RNNModel(
            configuration: RNNConfiguration(vocabularySize: vocabulary.count, hiddenSize: 3), seed: 1)
        return CharacterModel(
            network: network, vocabulary: vocabulary, lineBreaks: .space,
            sampling: SamplingOptions(temperature: 0.6, topK: 4))
    }

    @Test func thereAndBack() throws {
        let trainer = try Trainer(text: sampleText(count: 900), options: TrainingOptions().with { $0.hiddenSize = 7 })
        try trainer.trainEpoch()
        try trainer.model.save(to: path)
        let found = try CharacterModel(contentsOf: path)
        #expect(found == trainer.model)
        #expect(found.training == trainer.tokens.record && found.training?.steps == trainer.step)

        try model().save(to: path)
        #expect(try CharacterModel(contentsOf: path) == model())
        #expect(try CharacterModel(contentsOf: path).training == nil)
        #expect(try folder.names() == ["model.safetensors"])
    }

    /// Where a side of a matrix is 1 it is a matrix all the same.
    @Test(arguments: [(1, 5), (7, 1), (1, 1)]) func smallestSizes(_ V: Int, _ H: Int) throws {
        let vocabulary = Vocabulary(text: "abcdefg".prefix(V))
        let network = try RNNModel(
            configuration: RNNConfiguration(vocabularySize: V, hiddenSize: H), seed: 1)
        let model = CharacterModel(network: network, vocabulary: vocabulary)
        try model.save(to: path)
        #expect(try CharacterModel(contentsOf: path) == model)
        #expect(try network.tensors.map(\.tensor.shape) == [[4 * H, V], [4 * H, H], [4 * H], [4 * H], [V, H], [V]])
    }

    @Test func savedModelReadsAnyKind() throws {
        try model().save(to: path)
        guard case .characterModel(let found) = try SavedModel(contentsOf: path) else { throw Unexpected(what: "classifier") }
        #expect(try found == model())
        try rewrite { $0.replacingOccurrences(of: "chargen.format", with: "other.format") }
        #expect(throws: ModelFileError.notAModel(path: path)) { try SavedModel(contentsOf: path) }
    }

    @Test func sameModelSameBytes() throws {
        try model().save(to: path)
        let bytes = try folder.bytes(of: "model.safetensors")
        try model().save(to: path)
        #expect(try folder.bytes(of: "model.safetensors") == bytes)
        // The tensors begin at a multiple of eight.
        #expect((8 + headerLength(bytes)) % 8 == 0)
    }

    /// A file that Python wrote gives PyTorch's logits and loss (`Tests/References/model_file.py`).
    @Test func aFileFromPython() throws {
        struct Expected: Decodable {
            let text: String
            let loss: Double
            let logits: [Float]
        }
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: Golden.file("torch.json")))
        let model = try CharacterModel(contentsOf: Golden.file("torch.safetensors.golden").path)
        let tokens = try model.encode(expected.text)
        #expect(tokens.count == 201)
        let logits = try model.network.forward(tokens: Array(tokens.dropLast()), batchSize: 1).logits
        expectClose(logits.values, expected.logits, absolute: 1e-5)
        #expect(abs(try #require(try model.network.evaluate(tokens)).loss - expected.loss) < 1e-5)
    }

    // MARK: Files that are not right

    struct Unexpected: Error { let what: String }

    private func headerLength(_ bytes: [UInt8]) -> Int {
        bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Writes the model with its header changed as text; the length follows.
    private func rewrite(_ other: CharacterModel? = nil, _ change: (String) -> String) throws {
        try (other ?? model()).save(to: path)
        let bytes = try folder.bytes(of: "model.safetensors")
        let end = 8 + headerLength(bytes)
        let header = Array(change(String(decoding: bytes[8..<end], as: UTF8.self)).utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        try folder.write(length + header + bytes[end...], to: "model.safetensors")
    }

    // MARK: Files of other versions

    /// The model with the record of a training.
    private func trainedModel() throws -> CharacterModel {
        var record = TrainingRecord()
        record.steps = 70
        record.batching = "random"
        record.optimizer = "adam"
        record.precision = "float32"
        record.clipValue = 0.25
        record.seed = .max
        var model = try model()
        model.training = record
        return model
    }

    /// A later version may add options; this one ignores them.
    @Test(arguments: ["cell", "temperature", "corpus_characters", "line_breaks"])
    func optionsThatAreUnknown(_ neighbour: String) throws {
        try rewrite(trainedModel()) { header in
            #expect(header.contains("\\\"\(neighbour)\\\":"))
            return header.replacingOccurrences(
                of: "\\\"\(neighbour)\\\":", with: "\\\"later\\\":{\\\"rate\\\":[0.5]},\\\"\(neighbour)\\\":")
        }
        #expect(try CharacterModel(contentsOf: path) == trainedModel())
    }

    /// An option that is missing has its default, as in files of a version that did not have it.
    @Test(arguments: [
        "\\\"cell\\\":\\\"lstm\\\",", "\\\"input\\\":\\\"one-hot\\\",", "\\\"layers\\\":1,", ",\\\"vocabulary_size\\\":8",
        "\\\"greedy\\\":false,", "\\\"schedule\\\":\\\"unknown\\\",", "\\\"epochs\\\":0,",
    ])
    func optionsThatAreMissing(_ option: String) throws {
        try rewrite(trainedModel()) { header in
            #expect(header.contains(option), "\(header)")
            return header.replacingOccurrences(of: option, with: "")
        }
        #expect(try CharacterModel(contentsOf: path) == trainedModel())
    }

    @Test func samplingThatIsMissing() throws {
        try rewrite { $0.replacingOccurrences(of: "\\\"temperature\\\":0.6,", with: "") }
        #expect(try CharacterModel(contentsOf: path).sampling == SamplingOptions(temperature: 0.8, topK: 4))
        try rewrite { $0.replacingOccurrences(of: "chargen.sampling", with: "chargen.other") }
        #expect(try CharacterModel(contentsOf: path).sampling == SamplingOptions())
    }

    /// Names that this version does not know stay in the record; values of other types are left out.
    @Test func recordsOfALaterVersion() throws {
        try rewrite(trainedModel()) {
            $0.replacingOccurrences(of: "\\\"adam\\\"", with: "\\\"muon\\\"")
                .replacingOccurrences(of: "\\\"float32\\\"", with: "\\\"float8\\\"")
                .replacingOccurrences(of: "\\\"random\\\"", with: "[\\\"random\\\",2]")
                .replacingOccurrences(of: "\\\"clip_value\\\":0.25", with: "\\\"clip_value\\\":\\\"none\\\"")
        }
        let found = try CharacterModel(contentsOf: path)
        var expected = try #require(try trainedModel().training)
        expected.optimizer = "muon"
        expected.precision = "float8"
        expected.batching = TrainingRecord.unknown
        expected.clipValue = nil
        #expect(found.training == expected)
        #expect(try found.network == trainedModel().network)
        try found.save(to: path)
        #expect(try CharacterModel(contentsOf: path) == found)
    }

    private func failure() -> ModelFileError? {
        #expect(throws: ModelFileError.self) { try CharacterModel(contentsOf: path) }
    }

    @Test(arguments: [(3, nil), (1, 6), (2, 9)] as [(Int, Int?)])
    func layersAndEmbeddingComeBack(layers: Int, embeddingSize: Int?) throws {
        let vocabulary = Vocabulary(text: Array("abcdef\n"))
        let network = try RNNModel(
            configuration: RNNConfiguration(
                vocabularySize: 7, hiddenSize: 5, layers: layers, embeddingSize: embeddingSize), seed: 3)
        let model = CharacterModel(network: network, vocabulary: vocabulary)
        try model.save(to: path)
        #expect(try CharacterModel(contentsOf: path) == model)
    }

    /// The cell and the norm come back; a file of an LSTM without a norm does not name one, as older files do not.
    @Test(arguments: RNNConfiguration.Cell.allCases, [false, true])
    func cellAndNormComeBack(_ cell: RNNConfiguration.Cell, _ layerNorm: Bool) throws {
        let vocabulary = Vocabulary(text: Array("abcdef\n"))
        for layers in 1...2 {
            let network = try RNNModel(
                configuration: RNNConfiguration(
                    cell: cell, vocabularySize: 7, hiddenSize: 5, layers: layers, embeddingSize: layers == 1 ? nil : 4,
                    layerNorm: layerNorm), seed: 3)
            let model = CharacterModel(network: network, vocabulary: vocabulary)
            try model.save(to: path)
            #expect(try CharacterModel(contentsOf: path) == model)
            let names = try network.tensors.map(\.name)
            #expect(names.contains("rnn.norm_weight_l\(layers - 1)") == layerNorm)
            #expect(names.contains("rnn.weight_mh_l\(layers - 1)") == (cell == .mlstm))
        }
        let bytes = try folder.bytes(of: "model.safetensors")
        let header = String(decoding: bytes[8..<8 + headerLength(bytes)], as: UTF8.self)
        #expect(header.contains(#"\"norm\":\"layer\""#) == layerNorm)
        #expect(header.contains(#"\"norm\""#) == layerNorm)
    }

    @Test func normsThatAreUnknown() throws {
        let network = try RNNModel(
            configuration: RNNConfiguration(cell: .mlstm, vocabularySize: 8, hiddenSize: 3, layerNorm: true), seed: 1)
        let normalized = CharacterModel(network: network, vocabulary: try model().vocabulary)
        try rewrite(normalized) { $0.replacingOccurrences(of: #"\"norm\":\"layer\""#, with: #"\"norm\":\"group\""#) }
        guard case .newerFormat(path, let version) = failure() else { throw Unexpected(what: "group") }
        #expect(version.contains("norm group"))
        // Without its norm the tensors do not fit, nor with that of another cell.
        try rewrite(normalized) { $0.replacingOccurrences(of: #"\"norm\":\"layer\","#, with: "") }
        guard case .badWeights(path, let reason) = failure() else { throw Unexpected(what: "no norm") }
        #expect(reason.contains("norm_weight"))
        try rewrite(normalized) { $0.replacingOccurrences(of: "mlstm", with: "lstm") }
        guard case .badWeights = failure() else { throw Unexpected(what: "lstm") }
    }

    @Test func truncated() throws {
        try model().save(to: path)
        let bytes = try folder.bytes(of: "model.safetensors")
        for kept in [0, 5, 8, 100, bytes.count - 1] {
            try folder.write(bytes.prefix(kept), to: "model.safetensors")
            guard case .truncated(path, _, _) = failure() else {
                Issue.record("\(kept) bytes")
                continue
            }
        }
        try folder.write(bytes + [0], to: "model.safetensors")
        guard case .badHeader = failure() else { throw Unexpected(what: "a byte too many") }
    }

    @Test func giantHeader() throws {
        try folder.write([UInt8](repeating: 0xFF, count: 64), to: "model.safetensors")
        guard case .headerLength(path, UInt64.max, _) = failure() else { throw Unexpected(what: "other error") }
        #expect(throws: FileError.notFound(path: folder.file("x"))) { try CharacterModel(contentsOf: folder.file("x")) }
    }

    @Test func headerThatIsNoHeader() throws {
        try rewrite { _ in "[1, 2]" }
        guard case .badHeader = failure() else { throw Unexpected(what: "other error") }
        try rewrite { _ in String(repeating: "[", count: 100_000) }
        guard case .badHeader = failure() else { throw Unexpected(what: "other error") }
        try rewrite { $0.replacingOccurrences(of: "chargen.format", with: "other.format") }
        #expect(failure() == .notAModel(path: path))
        try rewrite { $0.replacingOccurrences(of: "\"chargen.format\":\"1\"", with: "\"chargen.format\":\"2\"") }
        #expect(failure() == .newerFormat(path: path, version: "2"))
        for (old, new) in [
            ("\\\"cell\\\":\\\"lstm", "\\\"cell\\\":\\\"peephole"), ("one-hot", "two-hot"), ("one-hot", "embedding"),
        ] {
            try rewrite { $0.replacingOccurrences(of: old, with: new) }
            guard case .newerFormat = failure() else { throw Unexpected(what: new) }
        }
        for (old, new) in [("layers\\\":1", "layers\\\":2"), ("layers\\\":1", "layers\\\":0")] {
            try rewrite { $0.replacingOccurrences(of: old, with: new) }
            guard case .badWeights = failure() else { throw Unexpected(what: new) }
        }
        try rewrite { $0.replacingOccurrences(of: "temperature\\\":0.6", with: "temperature\\\":0") }
        guard case .badHeader = failure() else { throw Unexpected(what: "temperature 0") }
        try rewrite { $0.replacingOccurrences(of: "chargen.vocabulary", with: "chargen.vocabulaire") }
        guard case .badHeader = failure() else { throw Unexpected(what: "other error") }
    }

    /// The bias lies last; its range is moved about.
    @Test(arguments: [
        (-16, 0, "overlaps"), (4, 4, "gap"), (0, 400, "is not the"), (0, -4, "is not the"), (100_000, 100_000, "gap"),
        (40, -40, "is no range"),
    ])
    func offsets(_ start: Int, _ end: Int, _ reason: String) throws {
        try rewrite { header in
            let entry = header.range(of: #""output.bias":\{"data_offsets":\[(\d+),(\d+)\]"#, options: .regularExpression)!
            let numbers = header[entry].split { !$0.isNumber }.map { Int($0)! }
            return header.replacingCharacters(
                in: entry, with: "\"output.bias\":{\"data_offsets\":[\(numbers[0] + start),\(numbers[1] + end)]")
        }
        guard case .badOffsets(path, "output.bias", _, let found) = failure() else { throw Unexpected(what: "other error") }
        #expect(found.contains(reason))
    }

    @Test func shapesAndTypes() throws {
        try rewrite { $0.replacingOccurrences(of: "\"shape\":[12,3]", with: "\"shape\":[3,12]") }
        guard case .badWeights(path, let reason) = failure() else { throw Unexpected(what: "other error") }
        #expect(reason.contains("rnn.weight_hh_l0"))
        try rewrite { $0.replacingOccurrences(of: "\"shape\":[12,3]", with: "\"shape\":[\(Int.max),3]") }
        guard case .badOffsets = failure() else { throw Unexpected(what: "other error") }
        try rewrite { $0.replacingOccurrences(of: "\"shape\":[12,3]", with: "\"shape\":[-12,-3]") }
        guard case .badOffsets = failure() else { throw Unexpected(what: "other error") }
        try rewrite { header in
            let first = header.range(of: "F32")!
            return header.replacingCharacters(in: first, with: "F16")
        }
        guard case .unsupportedType(path, _, "F16") = failure() else { throw Unexpected(what: "other error") }
        try rewrite { $0.replacingOccurrences(of: "output.bias", with: "output.bios") }
        guard case .badWeights = failure() else { throw Unexpected(what: "other error") }
    }

    @Test func weightsThatAreNotFinite() throws {
        try model().save(to: path)
        var bytes = try folder.bytes(of: "model.safetensors")
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
        try folder.write(bytes, to: "model.safetensors")
        #expect(failure() == .badWeights(path: path, reason: "\(ModelError.notFinite(name: "output.bias", index: 7))"))
    }

    @Test func everySingleByteOfTheHeaderMayBeWrong() throws {
        try model().save(to: path)
        let bytes = try folder.bytes(of: "model.safetensors")
        for place in 0..<8 + headerLength(bytes) {
            var changed = bytes
            changed[place] ^= 0x15
            try folder.write(changed, to: "model.safetensors")
            // Either it is an error or, where a text inside was changed to another, a model: never a crash.
            do { _ = try CharacterModel(contentsOf: path) } catch is ModelFileError {}
        }
    }
}

extension TrainingOptions {
    fileprivate func with(_ change: (inout TrainingOptions) -> Void) -> TrainingOptions {
        var options = self
        change(&options)
        return options
    }
}

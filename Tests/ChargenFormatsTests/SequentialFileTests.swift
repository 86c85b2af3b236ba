import ChargenFormats
import ChargenModels
import ChargenNN
import ChargenTensor
import ChargenTestSupport
import ChargenText
import Foundation
import Testing

@Suite struct SequentialFileTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("layers.safetensors")
    }

    private static let initializers: [Initializer] = [
        .glorotUniform, .orthogonal, .lecunUniform(fanIn: 7), .zeros, .ones, .constant(0.3),
        .randomUniform(minimum: -0.1, maximum: 0.7), .randomNormal(mean: 0.2, standardDeviation: 0.4),
    ]

    /// Each option of each layer with a value that is not its default.
    private static let models: [(inputSize: Int?, layers: [any Layer])] = {
        let tokens = Embedding(inputDim: 11, outputDim: 5)
        var pretrained = Embedding(
            weights: Tensor(shape: [11, 3], values: (0..<33).map { Float($0 % 7) / 7 }), maskZero: true)
        pretrained.embeddingsInitializer = .ones
        var models: [(Int?, [any Layer])] = [
            (nil, [tokens, LSTM(units: 4)]),
            (nil, [pretrained, GRU(units: 6, stateful: true), Dense(units: 2, activation: .softmax)]),
            (nil, [Embedding(weights: pretrained.weights!, trainable: true), SimpleRNN(units: 4)]),
            (nil, [OneHot(size: 11), LSTM(units: 3, unitForgetBias: false, returnState: true)]),
            (4, [Dense(units: 3, activation: .hardSigmoid, useBias: false, kernelInitializer: .ones)]),
            (4, [Dropout(rate: 0.3), Activation.relu, Dense(units: 2, biasInitializer: .constant(0.5))]),
            (
                3,
                [
                    LSTM(
                        units: 5, activation: .relu, recurrentActivation: .hardSigmoid, useBias: false,
                        kernelInitializer: .zeros, recurrentInitializer: .ones, biasInitializer: .constant(2),
                        returnSequences: true, returnState: true, goBackwards: true, stateful: true, timeMajor: true,
                        dropout: 0.1, recurrentDropout: 0.25),
                    GRU(
                        units: 4, activation: .sigmoid, recurrentActivation: .linear, resetAfter: false,
                        kernelInitializer: .lecunUniform(fanIn: 5), returnSequences: true, timeMajor: true),
                    SimpleRNN(
                        units: 6, activation: .linear, useBias: false, recurrentInitializer: .randomNormal(),
                        goBackwards: true, timeMajor: true, dropout: 0.5, recurrentDropout: 0.125),
                ]
            ),
            (
                3,
                [
                    Bidirectional(
                        GRU(units: 4, returnSequences: true), mergeMode: .concat,
                        backwardLayer: LSTM(units: 4, returnSequences: true, goBackwards: true)),
                    Bidirectional(SimpleRNN(units: 2)),
                ]
            ),
            (
                3,
                [
                    MultiplicativeLSTM(
                        units: 5, activation: .relu, recurrentActivation: .hardSigmoid, useBias: false,
                        unitForgetBias: false, kernelInitializer: .zeros, recurrentInitializer: .ones,
                        biasInitializer: .constant(2), layerNorm: true, returnSequences: true, returnState: true,
                        goBackwards: true, stateful: true, timeMajor: true, dropout: 0.1, recurrentDropout: 0.25),
                    LSTM(units: 4, layerNorm: true, returnSequences: true, timeMajor: true),
                    GRU(units: 6, layerNorm: true, timeMajor: true),
                ]
            ),
            (3, [Bidirectional(MultiplicativeLSTM(units: 4), backwardLayer: LSTM(units: 5, layerNorm: true, goBackwards: true))]),
            (nil, [tokens, MultiplicativeLSTM(units: 4)]),
            (3, [Bidirectional(GRU(units: 4), backwardLayer: SimpleRNN(units: 5, goBackwards: true))]),
        ]
        for mode in Bidirectional.MergeMode.allCases {
            models.append((3, [Bidirectional(LSTM(units: 4, dropout: 0.1), mergeMode: mode)]))
        }
        for activation in Activation.allCases { models.append((3, [Dense(units: 4, activation: activation), activation])) }
        for initializer in initializers {
            models.append((3, [GRU(units: 2, kernelInitializer: initializer)]))
            models.append((nil, [Embedding(inputDim: 11, outputDim: 2, embeddingsInitializer: initializer)]))
        }
        return models
    }()

    private func input(_ model: Sequential) -> LayerInput {
        guard let width = model.inputSize else { return .tokens([[1, 4, 2, 10], [3, 9, 9, 1], [5, 0, 6, 0]]) }
        let values = (0..<2 * 5 * width).map { Float($0 % 9) / 9 - 0.4 }
        return .values(Tensor(shape: [2, 5, width], values: values))
    }

    @Test(arguments: models.indices) func everyOptionComesBack(_ index: Int) throws {
        let (inputSize, layers) = Self.models[index]
        let model = try Sequential(layers, inputSize: inputSize, seed: .max - 5, precision: .bfloat16)
        try model.save(to: path)
        let loaded = try Sequential(contentsOf: path)
        #expect(loaded.inputSize == inputSize && loaded.precision == .bfloat16 && loaded.layers.count == layers.count)
        for (found, expected) in zip(loaded.layers, layers) {
            // The vectors lie in the tensors.
            var expected = expected
            if var embedding = expected as? Embedding {
                embedding.weights = nil
                expected = embedding
            }
            #expect("\(found)" == "\(expected)")
        }
        #expect(loaded.weights.map(\.name) == model.weights.map(\.name))
        #expect(loaded.weights.map(\.tensor) == model.weights.map(\.tensor))
        let input = input(model)
        // The second call differs where states are carried, and dropouts draw from the seed.
        for training in [false, true, false] {
            #expect(try loaded(input, training: training) == model(input, training: training))
        }

        let bytes = try folder.bytes(of: "layers.safetensors")
        try loaded.save(to: path)
        #expect(try folder.bytes(of: "layers.safetensors") == bytes)
    }

    /// A trained model comes back as it was trained.
    @Test func trainedWeightsComeBack() throws {
        let model = try Sequential([Embedding(inputDim: 11, outputDim: 3), LSTM(units: 4), Dense(units: 1)])
        let before = model.weights.map(\.tensor)
        let weights = before.map { tensor in Tensor(shape: tensor.shape, values: tensor.values.map { $0 * 1.5 + 0.1 }) }
        try model.setWeights(weights)
        try model.save(to: path)
        #expect(try Sequential(contentsOf: path).weights.map(\.tensor) == weights)
        #expect(weights != before)
    }

    /// The metadata is what the documentation says: Keras's classes and keys.
    @Test func theLayersAreDescribedAsInKeras() throws {
        let model = try Sequential([OneHot(size: 5), SimpleRNN(units: 3, dropout: 0.2)], seed: 7)
        try model.save(to: path)
        let header = try #require(String(bytes: try folder.bytes(of: "layers.safetensors").dropFirst(8), encoding: .isoLatin1))
        func initializer(_ name: String) -> String {
            #"{"class_name":"\#(name)","config":{},"module":"keras.initializers","registered_name":null}"#
        }
        let expected =
            #"{"layers":[{"class_name":"CategoryEncoding","config":{"num_tokens":5,"output_mode":"one_hot"},"#
            + #""module":"keras.layers","registered_name":null},{"class_name":"SimpleRNN","config":{"activation":"tanh","#
            + #""bias_initializer":\#(initializer("Zeros")),"dropout":0.2,"go_backwards":false,"#
            + #""kernel_initializer":\#(initializer("GlorotUniform")),"recurrent_dropout":0,"#
            + #""recurrent_initializer":\#(initializer("Orthogonal")),"return_sequences":false,"return_state":false,"#
            + #""stateful":false,"units":3,"use_bias":true},"module":"keras.layers","registered_name":null}],"#
            + #""precision":"float32","seed":7}"#
        #expect(header.contains(expected.replacingOccurrences(of: "\"", with: "\\\"")))
    }

    /// Writes what `Tests/References/read_sequential.py` loads into Keras: models, inputs and outputs.
    @Test(.enabled(if: folderForKeras != nil)) func filesForKeras() throws {
        struct Numbers: Encodable { let shape: [Int], values: [Float] }
        struct Case: Encodable { let tokens: Bool, input, output: Numbers }
        for (index, (inputSize, layers)) in Self.models.enumerated() {
            // Keras has neither time-major layers, a `fan_in` of its own, multiplicative LSTMs nor normalized products.
            let text = "\(layers)"
            if text.contains("timeMajor: true") || text.contains("fanIn") { continue }
            if text.contains("MultiplicativeLSTM") || text.contains("layerNorm: true") { continue }
            let model = try Sequential(layers, inputSize: inputSize, seed: 3), input = input(model)
            let file = "\(Self.folderForKeras!)/\(index)"
            try model.save(to: file + ".safetensors")
            let output = try model(input).output
            let given =
                switch input {
                case .tokens(let rows): Numbers(shape: input.shape, values: rows.flatMap { $0.map { Float($0) } })
                case .values(let tensor): Numbers(shape: tensor.shape, values: tensor.values)
                }
            let value = Case(
                tokens: inputSize == nil, input: given, output: Numbers(shape: output.shape, values: output.values))
            try JSONEncoder().encode(value).write(to: URL(fileURLWithPath: file + ".json"))
        }
    }

    private static var folderForKeras: String? { ProcessInfo.processInfo.environment["CHARGEN_KERAS_FILES"] }

    // MARK: Files that are not right

    private func write(_ description: String, tensors: [String: [Int]]) throws {
        var offset = 0
        var header: [String: Any] = ["__metadata__": ["chargen.format": "1", "chargen.sequential": description]]
        for (name, shape) in tensors.sorted(by: { $0.key < $1.key }) {
            let end = offset + 4 * shape.reduce(1, *)
            header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [offset, end]]
            offset = end
        }
        let json = try JSONSerialization.data(withJSONObject: header)
        let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { [UInt8]($0) }
        try folder.write(length + [UInt8](json) + [UInt8](repeating: 0, count: offset), to: "layers.safetensors")
    }

    private static let dense = ["dense/kernel": [3, 2], "dense/bias": [2]]

    /// What is missing has Keras's defaults, and what Keras knows beyond is ignored.
    @Test(arguments: [
        #"{"class_name":"Dense","config":{"units":2}}"#,
        #"{"class_name":"Dense","config":{"units":2,"activation":null,"name":"out","dtype":{"a":[1,null]}},"build_config":{}}"#,
        #"{"class_name":"Dense","config":{"units":2,"kernel_initializer":"glorot_uniform","bias_initializer":null}}"#,
    ]) func defaultsAreThoseOfKeras(_ layer: String) throws {
        try write(#"{"layers":[\#(layer)],"input_size":3}"#, tensors: Self.dense)
        let model = try Sequential(contentsOf: path)
        #expect("\(model.layers)" == "\([Dense(units: 2)])" && model.precision == .float32)
    }

    @Test(arguments: [
        // The description itself.
        "", "{", "[]", #"{"layers":{}}"#, #"{"layers":[]}"#, #"{"layers":[{}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":[]}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2}}],"input_size":3,"precision":"int4"}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2}}]}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2}}],"input_size":0}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2}}],"input_size":-9223372036854775808}"#,
        // Classes.
        #"{"layers":[{"class_name":"Conv1D","config":{"units":2}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Bidirectional","config":{}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Bidirectional","config":{"layer":7}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Bidirectional","config":{"layer":{"class_name":"Dense","config":{"units":2}}}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Bidirectional","config":{"merge_mode":"max","layer":{"class_name":"GRU","config":{"units":2}}}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"CategoryEncoding","config":{"num_tokens":2}}]}"#,
        #"{"layers":[{"class_name":"Activation","config":{"activation":"swish"}}],"input_size":3}"#,
        // Options.
        #"{"layers":[{"class_name":"Dense","config":{}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":0}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2.5}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":"2"}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":1e30}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2,"use_bias":1}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2,"kernel_initializer":"he_normal"}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2,"kernel_initializer":{"class_name":"LecunUniform","config":{"fan_in":0}}}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dropout","config":{"rate":1}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"LSTM","config":{"units":2,"activation":"softmax"}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"LSTM","config":{"units":99999999}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"GRU","config":{"units":2,"reset_after":false,"layer_norm":true}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"LSTM","config":{"units":2,"layer_norm":"rms"}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"MultiplicativeGRU","config":{"units":2}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Embedding","config":{"input_dim":-3,"output_dim":2}}]}"#,
        // Layers or weights that do not go together.
        #"{"layers":[{"class_name":"Dense","config":{"units":3}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2,"use_bias":false}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2}},{"class_name":"Dense","config":{"units":2}}],"input_size":3}"#,
        #"{"layers":[{"class_name":"Dense","config":{"units":2}},{"class_name":"Embedding","config":{"input_dim":3,"output_dim":2}}],"input_size":3}"#,
    ]) func damagedFilesThrow(_ description: String) throws {
        try write(description, tensors: Self.dense)
        let error = #expect(throws: ModelFileError.self) { try Sequential(contentsOf: path) }
        #expect(try #require(error).description.hasPrefix("\(path): "))
        #expect(throws: ModelFileError.self) { try SavedModel(contentsOf: path) }
    }

    @Test(arguments: [["dense/kernel": [3, 2]], ["dense/kernel": [2, 3], "dense/bias": [2]], [:]])
    func tensorsThatDoNotFitThrow(_ tensors: [String: [Int]]) throws {
        try write(#"{"layers":[{"class_name":"Dense","config":{"units":2}}],"input_size":3}"#, tensors: tensors)
        guard case .badWeights? = #expect(throws: ModelFileError.self, performing: { try Sequential(contentsOf: path) })
        else {
            Issue.record("another error")
            return
        }
    }

    @Test func otherKindsOfFiles() throws {
        try Sequential([Dense(units: 2)], inputSize: 3).save(to: path)
        guard case .sequential(let model) = try SavedModel(contentsOf: path) else {
            Issue.record("another kind")
            return
        }
        #expect(model.inputSize == 3)
        #expect(throws: ModelFileError.otherKind(path: path, found: .sequential, needed: .characterModel)) {
            try CharacterModel(contentsOf: path)
        }
        #expect(throws: ModelFileError.otherKind(path: path, found: .sequential, needed: .classifier)) {
            try TextClassifier(contentsOf: path)
        }
        let network = try RNNModel(configuration: RNNConfiguration(vocabularySize: 3, hiddenSize: 2), seed: 1)
        try CharacterModel(network: network, vocabulary: Vocabulary(text: "abc")).save(to: path)
        #expect(throws: ModelFileError.otherKind(path: path, found: .characterModel, needed: .sequential)) {
            try Sequential(contentsOf: path)
        }
    }

    /// What cannot be written leaves the file as it was.
    @Test func nothingIsWrittenThatCannotBeRead() throws {
        try Sequential([Dense(units: 2)], inputSize: 3).save(to: path)
        let bytes = try folder.bytes(of: "layers.safetensors")
        // No kernel is drawn from the initializer here: the weights are finite.
        let odd = try Sequential([Dense(units: 2, biasInitializer: .constant(.infinity))], inputSize: 3)
        try odd.setWeights([Tensor(zeros: [3, 2]), Tensor(zeros: [2])])
        #expect(throws: LayerError.self) { try odd.save(to: path) }
        let broken = try Sequential([Dense(units: 2, kernelInitializer: .constant(.nan))], inputSize: 3)
        #expect(throws: ModelError.notFinite(name: "dense/kernel", index: 0)) { try broken.save(to: path) }
        #expect(try folder.bytes(of: "layers.safetensors") == bytes)
    }
}

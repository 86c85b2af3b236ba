import ChargenNN
import ChargenTensor

extension LayerDescription {
    /// The description of `layer`. A ``OneHot`` is Keras's `CategoryEncoding`; `time_major` is a key of Keras 2, and
    /// `layer_norm`, like the class `MultiplicativeLSTM`, is none of Keras; both keys are written only where they are true.
    /// Weights are not part of the description.
    /// - Throws: ``LayerDescriptionError`` for a layer that is none of the library's.
    init(_ layer: any Layer) throws {
        switch layer {
        case let layer as Embedding:
            self.init(
                "Embedding",
                [
                    "input_dim": .integer(layer.inputDim), "output_dim": .integer(layer.outputDim),
                    "embeddings_initializer": layer.embeddingsInitializer.described, "mask_zero": .bool(layer.maskZero),
                    "trainable": .bool(layer.trainable),
                ])
        case let layer as OneHot:
            self.init("CategoryEncoding", ["num_tokens": .integer(layer.size), "output_mode": .string("one_hot")])
        case let layer as Dense:
            self.init(
                "Dense",
                [
                    "units": .integer(layer.units), "activation": .string(layer.activation.rawValue),
                    "use_bias": .bool(layer.useBias), "kernel_initializer": layer.kernelInitializer.described,
                    "bias_initializer": layer.biasInitializer.described,
                ])
        case let layer as Dropout:
            self.init("Dropout", ["rate": .number(layer.rate)])
        case let layer as Activation:
            self.init("Activation", ["activation": .string(layer.rawValue)])
        case let layer as Bidirectional:
            self.init(
                "Bidirectional",
                [
                    "layer": try LayerDescription(layer.forwardLayer).json,
                    "backward_layer": try LayerDescription(layer.backwardLayer).json,
                    "merge_mode": .string(layer.mergeMode.rawValue),
                ])
        case let layer as any RecurrentLayer:
            try self.init(recurrent: layer)
        default:
            throw LayerDescriptionError.unknown("layer \(type(of: layer))")
        }
    }

    /// The layer.
    /// - Throws: ``LayerDescriptionError``.
    var layer: any Layer {
        get throws {
            switch className {
            case "Embedding":
                var layer = Embedding(
                    inputDim: try integer("input_dim"), outputDim: try integer("output_dim"),
                    embeddingsInitializer: try initializer("embeddings_initializer", default: .randomUniform()),
                    maskZero: try bool("mask_zero", default: false))
                layer.trainable = try bool("trainable", default: true)
                return layer
            case "CategoryEncoding":
                let mode = try string("output_mode", default: "multi_hot")
                guard mode == "one_hot" else { throw LayerDescriptionError.unknown("CategoryEncoding with \(mode)") }
                return OneHot(size: try integer("num_tokens"))
            case "Dense":
                return Dense(
                    units: try integer("units"), activation: try activation("activation", default: .linear),
                    useBias: try bool("use_bias", default: true),
                    kernelInitializer: try initializer("kernel_initializer", default: .glorotUniform),
                    biasInitializer: try initializer("bias_initializer", default: .zeros))
            case "Dropout":
                return Dropout(rate: try number("rate"))
            case "Activation":
                return try activation("activation", default: .linear)
            case "Bidirectional":
                let mode = try string("merge_mode", default: Bidirectional.MergeMode.concat.rawValue)
                guard let mergeMode = Bidirectional.MergeMode(rawValue: mode) else {
                    throw LayerDescriptionError.unknown("merge mode \(mode)")
                }
                guard let forward = try recurrentLayer("layer") else {
                    throw LayerDescriptionError.badValue(layer: className, key: "layer")
                }
                return Bidirectional(forward, mergeMode: mergeMode, backwardLayer: try recurrentLayer("backward_layer"))
            default:
                return try recurrent
            }
        }
    }

    /// The recurrent layer that the value of `key` describes; nil if there is none.
    private func recurrentLayer(_ key: String) throws -> (any RecurrentLayer)? {
        guard let json = config[key], json != .null else { return nil }
        return try LayerDescription(json, in: className, key).recurrent
    }
}

// MARK: - Recurrent layers

extension LayerDescription {
    private init(recurrent layer: any RecurrentLayer) throws {
        let options = layer.options
        var config: [String: JSONValue] = [
            "units": .integer(options.units), "activation": .string(options.activation.rawValue),
            "use_bias": .bool(options.useBias), "kernel_initializer": options.kernelInitializer.described,
            "recurrent_initializer": options.recurrentInitializer.described,
            "bias_initializer": options.biasInitializer.described,
            "return_sequences": .bool(options.returnSequences), "return_state": .bool(options.returnState),
            "go_backwards": .bool(options.goBackwards), "stateful": .bool(options.stateful),
            "dropout": .number(options.dropout), "recurrent_dropout": .number(options.recurrentDropout),
        ]
        if options.timeMajor { config["time_major"] = .bool(true) }
        if options.layerNorm { config["layer_norm"] = .bool(true) }
        let className: String
        switch layer {
        case is LSTM:
            className = "LSTM"
            config["unit_forget_bias"] = .bool(options.unitForgetBias)
        case is GRU:
            className = "GRU"
            config["reset_after"] = .bool(options.kind == .gru)
        case is SimpleRNN: className = "SimpleRNN"
        case is MultiplicativeLSTM:
            className = "MultiplicativeLSTM"
            config["unit_forget_bias"] = .bool(options.unitForgetBias)
        default: throw LayerDescriptionError.unknown("layer \(type(of: layer))")
        }
        if className != "SimpleRNN" { config["recurrent_activation"] = .string(options.recurrentActivation.rawValue) }
        self.init(className, config)
    }

    private var recurrent: any RecurrentLayer {
        get throws {
            guard ["LSTM", "GRU", "SimpleRNN", "MultiplicativeLSTM"].contains(className) else {
                throw LayerDescriptionError.unknown("layer \(className)")
            }
            let units = try integer("units")
            var layer: any RecurrentLayer =
                switch className {
                case "LSTM": LSTM(units: units, unitForgetBias: try bool("unit_forget_bias", default: true))
                case "GRU": GRU(units: units, resetAfter: try bool("reset_after", default: true))
                case "MultiplicativeLSTM":
                    MultiplicativeLSTM(units: units, unitForgetBias: try bool("unit_forget_bias", default: true))
                default: SimpleRNN(units: units)
                }
            // The layer has Keras's defaults for what the configuration does not say.
            var options = layer.options
            options.activation = try activation("activation", default: options.activation)
            if className != "SimpleRNN" {
                options.recurrentActivation = try activation(
                    "recurrent_activation", default: options.recurrentActivation)
            }
            options.useBias = try bool("use_bias", default: options.useBias)
            options.kernelInitializer = try initializer("kernel_initializer", default: options.kernelInitializer)
            options.recurrentInitializer = try initializer(
                "recurrent_initializer", default: options.recurrentInitializer)
            options.biasInitializer = try initializer("bias_initializer", default: options.biasInitializer)
            options.returnSequences = try bool("return_sequences", default: false)
            options.returnState = try bool("return_state", default: false)
            options.goBackwards = try bool("go_backwards", default: false)
            options.stateful = try bool("stateful", default: false)
            options.timeMajor = try bool("time_major", default: false)
            options.layerNorm = try bool("layer_norm", default: false)
            options.dropout = try number("dropout", default: 0)
            options.recurrentDropout = try number("recurrent_dropout", default: 0)
            layer.options = options
            return layer
        }
    }
}

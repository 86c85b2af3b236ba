import ChargenNN
import ChargenTensor

/// A layer, or an initializer, as Keras describes it in JSON: the name of its class and the configuration of that class.
///
///     {"class_name":"Dense","config":{"activation":"relu","units":5, …},"module":"keras.layers","registered_name":null}
package struct LayerDescription: Codable, Equatable, Sendable {
    /// The name of the class: `LSTM`, `GlorotUniform`.
    package let className: String
    /// The options under Keras's keys.
    package let config: [String: JSONValue]
    /// The module of the class.
    package let module: String

    /// Keras's keys, whatever the coder does with keys.
    private enum CodingKeys: String, CodingKey {
        case className, config, module, registeredName
    }

    init(_ className: String, _ config: [String: JSONValue], module: String = "keras.layers") {
        self.className = className
        self.config = config
        self.module = module
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        className = try values.decode(String.self, forKey: .className)
        config = try values.decodeIfPresent([String: JSONValue].self, forKey: .config) ?? [:]
        module = try values.decodeIfPresent(String.self, forKey: .module) ?? "keras.layers"
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(className, forKey: .className)
        try values.encode(config, forKey: .config)
        try values.encode(module, forKey: .module)
        try values.encodeNil(forKey: .registeredName)
    }

    /// The description as a value inside the configuration of another layer.
    var json: JSONValue {
        .object([
            "class_name": .string(className), "config": .object(config), "module": .string(module),
            "registered_name": .null,
        ])
    }

    /// Reads a description inside the configuration of another layer.
    /// - Throws: ``LayerDescriptionError``.
    init(_ json: JSONValue, in layer: String, _ key: String) throws {
        guard case .object(let object) = json, case .string(let className)? = object["class_name"] else {
            throw LayerDescriptionError.badValue(layer: layer, key: key)
        }
        var config: [String: JSONValue] = [:]
        if case .object(let given)? = object["config"] { config = given }
        self.init(className, config)
    }
}

/// An error in a ``LayerDescription``; what reads a file adds the path.
enum LayerDescriptionError: Error, Equatable, CustomStringConvertible {
    /// The library has no such layer, activation or initializer.
    case unknown(String)
    /// An option is missing, or its value is of another type or out of range.
    case badValue(layer: String, key: String)

    var description: String {
        switch self {
        case .unknown(let what): what
        case .badValue(let layer, let key): "\(layer): “\(key)” is missing or has another form"
        }
    }
}

// MARK: - Options

extension LayerDescription {
    /// The value of `key`, decoded by `decode`; `standard`, which is Keras's default, where there is none.
    private func value<Value>(
        _ key: String, default standard: Value?, _ decode: (JSONValue) -> Value?
    ) throws -> Value {
        guard let json = config[key], json != .null else {
            guard let standard else { throw LayerDescriptionError.badValue(layer: className, key: key) }
            return standard
        }
        guard let value = decode(json) else { throw LayerDescriptionError.badValue(layer: className, key: key) }
        return value
    }

    func bool(_ key: String, default standard: Bool) throws -> Bool {
        try value(key, default: standard) { if case .bool(let bool) = $0 { bool } else { nil } }
    }

    func integer(_ key: String) throws -> Int {
        try value(key, default: nil) { if case .integer(let integer) = $0 { integer } else { nil } }
    }

    func number(_ key: String, default standard: Float? = nil) throws -> Float {
        try value(key, default: standard) {
            switch $0 {
            case .integer(let integer): Float(integer)
            case .number(let number): number
            default: nil
            }
        }
    }

    func string(_ key: String, default standard: String) throws -> String {
        try value(key, default: standard) { if case .string(let string) = $0 { string } else { nil } }
    }

    func activation(_ key: String, default standard: Activation) throws -> Activation {
        // In Keras, no activation is the linear one.
        let name = config[key] == .null ? Activation.linear.rawValue : try string(key, default: standard.rawValue)
        guard let activation = Activation(rawValue: name) else {
            throw LayerDescriptionError.unknown("activation \(name)")
        }
        return activation
    }

    func initializer(_ key: String, default standard: Initializer) throws -> Initializer {
        switch config[key] {
        case nil, .null?: standard
        case .string(let name)?: try Initializer(LayerDescription(name, [:]))
        case let json?: try Initializer(LayerDescription(json, in: className, key))
        }
    }
}

// MARK: - Initializers

extension Initializer {
    /// The initializer as Keras describes it. Keras has no `fan_in` of its own; it takes the number of the kernel's rows.
    var described: JSONValue {
        let (className, config): (String, [String: JSONValue]) =
            switch self {
            case .glorotUniform: ("GlorotUniform", [:])
            case .orthogonal: ("Orthogonal", [:])
            case .lecunUniform(let fanIn): ("LecunUniform", ["fan_in": .integer(fanIn)])
            case .zeros: ("Zeros", [:])
            case .ones: ("Ones", [:])
            case .constant(let value): ("Constant", ["value": .number(value)])
            case .randomUniform(let minimum, let maximum):
                ("RandomUniform", ["minval": .number(minimum), "maxval": .number(maximum)])
            case .randomNormal(let mean, let deviation):
                ("RandomNormal", ["mean": .number(mean), "stddev": .number(deviation)])
            }
        return LayerDescription(className, config, module: "keras.initializers").json
    }

    /// - Throws: ``LayerDescriptionError``.
    init(_ description: LayerDescription) throws {
        self =
            switch description.className {
            case "GlorotUniform", "glorot_uniform": .glorotUniform
            case "Orthogonal", "OrthogonalInitializer", "orthogonal": .orthogonal
            case "LecunUniform", "lecun_uniform": .lecunUniform(fanIn: try description.integer("fan_in"))
            case "Zeros", "zeros": .zeros
            case "Ones", "ones": .ones
            case "Constant", "constant": .constant(try description.number("value", default: 0))
            case "RandomUniform", "random_uniform", "uniform":
                .randomUniform(
                    minimum: try description.number("minval", default: -0.05),
                    maximum: try description.number("maxval", default: 0.05))
            case "RandomNormal", "random_normal", "normal":
                .randomNormal(
                    mean: try description.number("mean", default: 0),
                    standardDeviation: try description.number("stddev", default: 0.05))
            default: throw LayerDescriptionError.unknown("initializer \(description.className)")
            }
        if case .lecunUniform(let fanIn) = self, fanIn < 1 {
            throw LayerDescriptionError.badValue(layer: description.className, key: "fan_in")
        }
    }
}

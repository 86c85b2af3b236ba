import Foundation

/// The golden values that `Tests/References/keras_optimizers.py` wrote: ten steps of each of Keras's optimizers.
package struct OptimizerGolden: Decodable, Sendable {
    /// Settings that are not the defaults.
    package struct Settings: Decodable, Sendable {
        package let beta1, beta2, epsilon, rho, momentum, initialAccumulator, weightDecay, clipNorm, clipValue: Double?
        package let nesterov, centered: Bool?
    }

    /// One optimizer with its settings, and the parameters after each step.
    package struct Case: Decodable, Sendable, CustomStringConvertible {
        package let optimizer: String
        package let settings: Settings
        package let learningRate: Double
        package let steps: [[String: [Float]]]

        package var description: String {
            let given = Mirror(reflecting: settings).children.compactMap { child in
                Mirror(reflecting: child.value).children.first.map { "\(child.label ?? "") \($0.value)" }
            }
            return ([optimizer] + given).joined(separator: ", ")
        }
    }

    /// The shape of each parameter, by name.
    package let shapes: [String: [Int]]
    package let initial: [String: [Float]]
    /// The gradients of each step.
    package let gradients: [[String: [Float]]]
    package let cases: [Case]

    package static let keras: OptimizerGolden = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try! decoder.decode(OptimizerGolden.self, from: try! Data(contentsOf: Golden.file("keras_optimizers.json")))
    }()
}

import Foundation

/// The golden values that `Tests/References/keras_tagger.py` wrote: masked and weighted losses, accuracies, gradients and
/// training steps on sequences of different lengths.
package enum TaggerGolden {
    /// The value of the loss and its gradients on one batch, without training.
    package static var losses: [Loss] { file.losses }
    /// Three training steps on one batch.
    package static var training: [Training] { file.training }

    private static let file: File = {
        try! JSONDecoder().decode(File.self, from: try! Data(contentsOf: Golden.file("keras_tagger.json")))
    }()

    private struct File: Decodable, Sendable {
        let losses: [Loss]
        let training: [Training]
    }
}

extension TaggerGolden {
    /// A case of one batch.
    ///
    /// The loss is `Σ weight · loss / count` over the outputs that are not masked, whose number is the divisor whatever
    /// their weights; it is 0 where all are masked. Outputs at masked steps are computed from the unchanged state.
    package struct Loss: Decodable, Sendable, CustomStringConvertible {
        package let name: String
        package let layers: [LayerDescription]
        /// The loss's name in Keras.
        package let lossFunction: String
        /// Tokens `[N, T]`, padded with 0 at the ends.
        package let inputs: Golden.Numbers
        /// The targets, in the output's shape, or class numbers `[N, T]` or `[N, 1]`.
        package let targets: Golden.Numbers
        /// `[N, T]` or `[N, 1]` for outputs at each step, else `[N]`; nil for no weights.
        package let sampleWeight: Golden.Numbers?
        /// The weight of each class; those that are left out have the weight 1. Nil for no weights.
        package let classWeight: [Int: Float]?
        package let weights: [Golden.Numbers]
        package let outputs: Golden.Numbers
        package let loss: Double
        package let metrics: Metrics
        /// The gradients of ``loss`` with respect to ``weights``, in their order.
        package let gradients: [Golden.Numbers]
        /// The same batch evaluated in smaller batches.
        package let evaluation: Evaluation

        package var description: String { name }

        private enum CodingKeys: String, CodingKey {
            case name, layers, inputs, targets, weights, outputs, loss, metrics, gradients, evaluation
            case lossFunction = "loss_function"
            case sampleWeight = "sample_weight"
            case classWeight = "class_weight"
        }
    }

    /// What Keras reports beside the loss; nothing for a regression.
    package struct Metrics: Decodable, Sendable {
        /// Keras's metric `accuracy`: masked, without weights.
        package let accuracy: Double?
        /// The same with the weights of samples or classes, `Σ weight · correct / Σ weight`.
        package let weightedAccuracy: Double?
        /// Share of single outputs on the right side of one half, where there are several.
        package let binaryAccuracy, weightedBinaryAccuracy: Double?

        private enum CodingKeys: String, CodingKey {
            case accuracy
            case weightedAccuracy = "weighted_accuracy"
            case binaryAccuracy = "binary_accuracy"
            case weightedBinaryAccuracy = "weighted_binary_accuracy"
        }
    }

    /// What Keras's `evaluate` reports for several batches: the mean of their losses, each weighted by its number of
    /// sequences, and accuracies over all outputs.
    package struct Evaluation: Decodable, Sendable {
        package let batchSize: Int
        package let loss: Double
        package let metrics: Metrics

        private enum CodingKeys: String, CodingKey {
            case loss, metrics
            case batchSize = "batch_size"
        }
    }

    /// A model that is trained on the same batch several times.
    package struct Training: Decodable, Sendable, CustomStringConvertible {
        package let name: String
        package let layers: [LayerDescription]
        /// The loss's name in Keras.
        package let lossFunction: String
        /// Tokens `[N, T]`, padded with 0 at the ends.
        package let inputs: Golden.Numbers
        /// Class numbers `[N, T]`.
        package let targets: Golden.Numbers
        /// The weights before the first step.
        package let weights: [Golden.Numbers]
        /// `Adam` or `SGD`, with Keras's defaults but for the learning rate.
        package let optimizer: String
        package let learningRate: Double
        /// Indices of the layers that are not trained.
        package let frozen: [Int]
        package let steps: [Step]

        package var description: String { name }

        private enum CodingKeys: String, CodingKey {
            case name, layers, inputs, targets, weights, optimizer, frozen, steps
            case lossFunction = "loss_function"
            case learningRate = "learning_rate"
        }
    }

    /// One step of a training.
    package struct Step: Decodable, Sendable {
        /// The loss that the step reports, computed before it changes the weights.
        package let loss: Double
        /// All weights after the step, in the order of ``Training/weights``.
        package let weights: [Golden.Numbers]
    }
}

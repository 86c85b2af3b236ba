import ChargenNN
import ChargenTensor

/// Examples with their targets and weights, for a model and a loss.
package struct Examples {
    private let inputs: LayerInput
    private let targets: Tensor
    private let weights: Tensor?
    private let classWeight: [Int: Float]
    private let loss: Loss
    /// The length of each sequence, where lengths differ.
    private let lengths: [Int]?

    /// One batch, ready for a pass.
    package struct Batch {
        package let signal: Signal
        let targets: LossTargets
        let weights: [Float]?
    }

    /// - Throws: `LayerError` where inputs, targets, weights, loss and model do not go together.
    package init(
        _ inputs: LayerInput, _ targets: Tensor, _ loss: Loss, sampleWeight: Tensor?, classWeight: [Int: Float],
        for model: Sequential
    ) throws {
        guard inputs.count > 0, targets.shape.first == inputs.count else {
            throw LayerError.wrongShape(what: "the targets", found: targets.shape, expected: [inputs.count, nil])
        }
        guard !model.isTimeMajor else {
            throw LayerError.mismatched("a time-major model cannot be fitted: examples must come first")
        }
        if let needed = loss.activation, model.outputActivation != needed {
            throw LayerError.mismatched(
                "\(loss.rawValue) is the loss of a \(needed.rawValue)'s outputs: end the model with that activation")
        }
        guard classWeight.isEmpty || loss.hasClasses else {
            throw LayerError.mismatched("\(loss.rawValue) has no classes that could have weights")
        }
        let expected = [inputs.count] + (model.returnsSequences ? [inputs.shape[1]] : [])
        if let shape = sampleWeight?.shape, ![expected, [inputs.count], [inputs.count, 1]].contains(shape) {
            throw LayerError.wrongShape(what: "the sample weights", found: shape, expected: expected)
        }
        self.inputs = try model.withoutPadding(inputs)
        self.targets = targets
        weights = sampleWeight
        self.classWeight = classWeight
        self.loss = loss
        lengths = self.inputs.differingLengths
    }

    package var count: Int { inputs.count }

    /// The examples in batches, in an order drawn from `random`. Sequences of similar lengths are batched together, within
    /// pools of 32 batches, so that little padding is read.
    package func shuffledBatches(of size: Int, using random: inout RandomSource) -> [[Int]] {
        var order = Array(0..<count)
        order.shuffleReproducibly(using: &random)
        var batches = LengthBatches.cut(order, lengths: lengths, pool: 32 * size, size: size)
        if lengths != nil { batches.shuffleReproducibly(using: &random) }
        return batches
    }

    /// The examples in batches, in order, or where `byLength` is true in the order of their lengths.
    package func batches(of size: Int, byLength: Bool) -> [[Int]] {
        LengthBatches.cut(Array(0..<count), lengths: byLength ? lengths : nil, pool: count, size: size)
    }

    /// The examples `rows` as a batch for `model`.
    /// - Throws: `LayerError` where inputs or targets do not fit the model.
    package func batch(_ rows: [Int], for model: Sequential) throws -> Batch {
        let signal = try model.signal(of: inputs.rows(rows))
        let steps = model.returnsSequences ? signal.steps : nil
        let count = signal.batchSize * (steps ?? 1), columns = model.built.last?.output.width ?? 0
        let targets = try loss.targets(
            Self.timeMajor(targets.rows(rows), steps), rows: count, columns: columns, on: model.backend)
        return Batch(signal: signal, targets: targets, weights: weights(rows, steps, count, targets))
    }

    /// The weight of each row: that of its example or step, times that of its class.
    private func weights(_ rows: [Int], _ steps: Int?, _ count: Int, _ targets: LossTargets) -> [Float]? {
        guard weights != nil || !classWeight.isEmpty else { return nil }
        var result = [Float](repeating: 1, count: count)
        if let given = weights.map({ Self.timeMajor($0.rows(rows), steps).values }) {
            // One weight for an example is that of all of its steps.
            for row in result.indices { result[row] = given[row % given.count] }
        }
        guard !classWeight.isEmpty else { return result }
        return zip(result, Self.classes(targets)).map { $0 * (classWeight[$1] ?? 1) }
    }

    /// The class of each target: the largest of several columns, or the number of a single one.
    private static func classes(_ targets: LossTargets) -> [Int] {
        switch targets {
        case .classes(let classes): return classes.values.map { Int($0) }
        case .values(let matrix):
            let (columns, values) = (matrix.columns, matrix.values)
            return (0..<matrix.rows).map { row in
                guard columns > 1 else { return Int(values[row].rounded()) }
                return (0..<columns).reduce(0) {
                    values[row * columns + $1] > values[row * columns + $0] ? $1 : $0
                }
            }
        }
    }

    /// The first `steps` steps of `[N, T, …]` in the order of the model's rows, `[T, N, …]`; without steps as it is.
    private static func timeMajor(_ tensor: Tensor, _ steps: Int?) -> Tensor {
        guard let steps, tensor.shape.count > 1 else { return tensor }
        let swapped = tensor.swapped
        return swapped.shape[0] > steps ? swapped.rows(Array(0..<steps)) : swapped
    }
}

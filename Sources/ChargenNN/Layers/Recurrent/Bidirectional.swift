import ChargenTensor

/// Two recurrent layers that read one sequence, one from its beginning and one from its end, and whose outputs are joined
/// (Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", 1997).
///
///     Bidirectional(GRU(units: 64, returnSequences: true), mergeMode: .sum)
///
/// As in Keras, the outputs of masked steps are zero where the layers return sequences. States are those of the forward
/// layer, then those of the backward layer.
public struct Bidirectional: Layer, BuildableLayer {
    /// The ways to join the two outputs.
    public enum MergeMode: String, Sendable, Codable, CaseIterable {
        /// The outputs side by side.
        case concat
        /// Their sum.
        case sum
        /// Their product, number by number.
        case multiply = "mul"
        /// Their mean.
        case average = "ave"
    }

    /// The layer that reads from the beginning.
    public let forwardLayer: any RecurrentLayer
    /// The layer that reads from the end.
    public let backwardLayer: any RecurrentLayer
    /// The way in which the two outputs are joined.
    public let mergeMode: MergeMode

    /// `layer` in both directions. A `backwardLayer` of its own must have `goBackwards` set.
    public init(
        _ layer: any RecurrentLayer, mergeMode: MergeMode = .concat, backwardLayer: (any RecurrentLayer)? = nil
    ) {
        forwardLayer = layer
        self.mergeMode = mergeMode
        var turned = layer
        turned.options.goBackwards = !layer.options.goBackwards
        self.backwardLayer = backwardLayer ?? turned
    }

    /// Checks that the two layers go together, and declares their parameters.
    /// - Throws: ``LayerError``.
    package func build(_ input: SignalShape, _ builder: inout LayerBuilder) throws -> BuiltLayer {
        _ = (try forwardLayer.buildable, try backwardLayer.buildable)
        let (first, second, name) = (forwardLayer.options, backwardLayer.options, builder.name)
        guard first.goBackwards != second.goBackwards else {
            throw LayerError.mismatched("\(name): one of the two layers must go backwards, the other not")
        }
        guard first.returnSequences == second.returnSequences, first.returnState == second.returnState,
            first.stateful == second.stateful
        else {
            throw LayerError.mismatched(
                "\(name): both layers must have the same returnSequences, returnState and stateful")
        }
        guard mergeMode == .concat || first.units == second.units else {
            throw LayerError.mismatched(
                "\(name): \(first.units) and \(second.units) units can be joined by concat only")
        }
        defer { builder.name = name }
        builder.name = "\(name).forward"
        let forward = try forwardLayer.buildRecurrent(input, &builder)
        builder.name = "\(name).backward"
        let backward = try backwardLayer.buildRecurrent(input, &builder)
        return BuiltBidirectional(
            forward, backward, prefixes: ("forward_\(forwardLayer.kind)/", "backward_\(backwardLayer.kind)/"),
            mergeMode: mergeMode)
    }
}

/// A ``Bidirectional`` that computes.
package final class BuiltBidirectional: BuiltLayer {
    private let layers: (forward: BuiltRecurrent, backward: BuiltRecurrent)
    private let prefixes: (String, String)
    private let mergeMode: Bidirectional.MergeMode
    private let inputs = ReusedMemory(), turned = ReusedMemory(), joined = ReusedMemory()
    private let converted = (ReusedMemory(), ReusedMemory())
    private let gradients = (ReusedMemory(), ReusedMemory())
    /// The outputs of both layers in the order of time.
    private var last: (Matrix, Matrix)?
    private var batchSize = 0

    init(
        _ forward: BuiltRecurrent, _ backward: BuiltRecurrent, prefixes: (String, String),
        mergeMode: Bidirectional.MergeMode
    ) {
        layers = (forward, backward)
        self.prefixes = prefixes
        self.mergeMode = mergeMode
        let (first, second) = (forward.output, backward.output)
        super.init(
            output: SignalShape(
                width: mergeMode == .concat ? (first.width ?? 0) + (second.width ?? 0) : first.width,
                hasTime: first.hasTime))
        for layer in [forward, backward] { layer.zeroOutputForMask = layer.options.returnSequences }
    }

    package override var kerasWeights: [NamedWeight] {
        layers.forward.kerasWeights.map { $0.prefixed(prefixes.0) }
            + layers.backward.kerasWeights.map { $0.prefixed(prefixes.1) }
    }

    package override func torchWeights(layer: Int, isLast: Bool) -> [NamedWeight] {
        layers.forward.cell.torchWeights("rnn", suffix: "_l\(layer)")
            + layers.backward.cell.torchWeights("rnn", suffix: "_l\(layer)_reverse")
    }

    package override func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend) {
        layers.forward.initialize(parameters, using: &random, on: backend)
        layers.backward.initialize(parameters, using: &random, on: backend)
    }

    package override var statefulLayers: [BuiltLayer] {
        layers.forward.statefulLayers + layers.backward.statefulLayers
    }

    package override func forward(_ input: Signal, _ pass: PassContext) throws -> Signal {
        batchSize = input.batchSize
        let backend = pass.backend
        var input = input
        if [layers.forward, layers.backward].contains(where: { $0.options.dropout > 0 }) {
            // Dropped inputs are stored row by row; both layers must then give gradients of the same rows.
            input.rows = .numbers(try input.operand(inputs, pass))
        }
        let first = try layers.forward.forward(input, pass)
        var second = input
        second.initialStates = first.initialStates
        second.finalStates = first.finalStates
        second = try layers.backward.forward(second, pass)
        second.rows = inOrderOfTime(second.rows, on: backend)
        let a = try first.matrix(converted.0, on: backend), b = try second.matrix(converted.1, on: backend)
        last = (a, b)
        let result = joined.matrix(a.rows, output.width ?? 0, on: backend)
        switch mergeMode {
        case .concat:
            backend.copy(Operand(a), into: Operand(result).columns(0..<a.columns))
            backend.copy(Operand(b), into: Operand(result).columns(a.columns..<a.columns + b.columns))
        case .sum, .average:
            backend.copy(a, into: result)
            backend.add(b, to: result)
            if mergeMode == .average { backend.halve(result) }
        case .multiply:
            backend.copy(a, into: result)
            backend.multiply(result, by: b)
        }
        return second.with(result)
    }

    package override func backward(_ gradient: SignalGradient, _ pass: PassContext) -> SignalGradient {
        guard let (a, b) = last else { preconditionFailure("there is no forward pass to backpropagate through") }
        let backend = pass.backend, given = gradient.matrix(joined, on: backend)
        let first = gradients.0.matrix(a.rows, a.columns, on: backend)
        let second = gradients.1.matrix(b.rows, b.columns, on: backend)
        switch mergeMode {
        case .concat:
            backend.copy(Operand(given).columns(0..<a.columns), into: Operand(first))
            backend.copy(Operand(given).columns(a.columns..<a.columns + b.columns), into: Operand(second))
        case .sum, .average:
            if mergeMode == .average { backend.halve(given) }
            backend.copy(given, into: first)
            backend.copy(given, into: second)
        case .multiply:
            backend.copy(given, into: first)
            backend.multiply(first, by: b)
            backend.copy(given, into: second)
            backend.multiply(second, by: a)
        }
        // The layer that came last backpropagates first; the gradients of states that it leaves are the other's.
        let ordered = inOrderOfTime(.numbers(Operand(second)), on: backend).matrix(memory: converted.1, on: backend)
        let afterBackward = layers.backward.backward(gradient.with(ordered), pass)
        let result = layers.forward.backward(
            afterBackward.with(first, isOfTable: false), pass)
        if let sum = result.rows?.matrix, let other = afterBackward.rows?.matrix { backend.add(other, to: sum) }
        return result
    }

    /// Rows of the backward layer in the order of time, or rows in the order of time as the backward layer reads them.
    private func inOrderOfTime(_ rows: InputRows, on backend: any Backend) -> InputRows {
        layers.backward.options.returnSequences ? rows.reversed(batchSize: batchSize, in: turned, on: backend) : rows
    }
}

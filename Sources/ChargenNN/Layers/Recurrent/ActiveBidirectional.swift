import ChargenTensor

/// A ``Bidirectional`` at work.
final class ActiveBidirectional: ActiveLayer {
    private let layers: (ActiveRecurrent, ActiveRecurrent)
    private let prefixes: (String, String)
    private let mergeMode: Bidirectional.MergeMode
    private let joined = ReusedMatrix(), turned = ReusedMatrix(), gradients = (ReusedMatrix(), ReusedMatrix())
    /// The outputs of both, in the order of time; their shapes are needed to go back, and for products their numbers.
    private var last: (Matrix, Matrix)?
    private var batchSize = 0

    init(
        _ forward: ActiveRecurrent, _ backward: ActiveRecurrent, prefixes: (String, String),
        mergeMode: Bidirectional.MergeMode
    ) {
        layers = (forward, backward)
        self.prefixes = prefixes
        self.mergeMode = mergeMode
        for layer in [forward, backward] { layer.zeroOutputForMask = layer.options.returnSequences }
    }

    var output: SignalShape {
        let (first, second) = (layers.0.output, layers.1.output)
        return SignalShape(
            width: mergeMode == .concat ? (first.width ?? 0) + (second.width ?? 0) : first.width, hasTime: first.hasTime)
    }

    var weights: [LayerWeight] {
        layers.0.weights.map { $0.prefixed(prefixes.0) } + layers.1.weights.map { $0.prefixed(prefixes.1) }
    }

    func torchPlaces(_ name: String, layer: Int) -> [TorchPlace] {
        layers.0.cell.torchPlaces(name, suffix: "_l\(layer)")
            + layers.1.cell.torchPlaces(name, suffix: "_l\(layer)_reverse")
    }

    func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend) {
        layers.0.initialize(parameters, using: &random, on: backend)
        layers.1.initialize(parameters, using: &random, on: backend)
    }

    func parametersChanged() {
        layers.0.parametersChanged()
        layers.1.parametersChanged()
    }

    func resetStates() {
        layers.0.resetStates()
        layers.1.resetStates()
    }

    func forward(_ input: Signal, _ context: PassContext) throws -> Signal {
        batchSize = input.batchSize
        let first = try layers.0.forward(input, context)
        var second = input
        second.initialStates = first.initialStates
        second.finalStates = first.finalStates
        second = try layers.1.forward(second, context)
        let (a, b) = (try first.numbers(), turnedBack(try second.numbers()))
        last = (a, b)
        let result = joined(a.rows, output.width ?? 0)
        switch mergeMode {
        case .concat:
            result.assignColumns(from: 0, a)
            result.assignColumns(from: a.columns, b)
        case .sum, .average:
            result.assign(a)
            result.add(b)
            if mergeMode == .average { result.scale(by: 0.5) }
        case .multiply:
            result.assign(a)
            result.multiply(by: b)
        }
        return second.with(result)
    }

    func backward(_ gradient: SignalGradient, _ context: PassContext) -> SignalGradient {
        guard let (a, b) = last else { preconditionFailure("there is no pass to go back over") }
        let given = gradient.numbers()
        let first = gradients.0(a.rows, a.columns), second = gradients.1(b.rows, b.columns)
        switch mergeMode {
        case .concat:
            first.assign(columnsFrom: 0, of: given)
            second.assign(columnsFrom: a.columns, of: given)
        case .sum, .average:
            if mergeMode == .average { given.scale(by: 0.5) }
            first.assign(given)
            second.assign(given)
        case .multiply:
            first.assign(given)
            first.multiply(by: b)
            second.assign(given)
            second.multiply(by: a)
        }
        // The layer that came last goes back first; what it leaves of the states is the other's.
        var back = layers.1.backward(gradient.with(turnedBack(second)), context)
        let inputGradient = back.numbers()
        back = layers.0.backward(back.with(first), context)
        back.numbers().add(inputGradient)
        return back
    }

    /// Outputs of the layer that reads the other way, in the order of time, or the other way about.
    private func turnedBack(_ rows: Matrix) -> Matrix {
        guard layers.1.options.returnSequences else { return rows }
        let result = turned(rows.rows, rows.columns)
        result.assignReversed(rows, blocksOf: batchSize)
        return result
    }
}

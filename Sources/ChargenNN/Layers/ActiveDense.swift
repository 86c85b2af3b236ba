import ChargenTensor

/// A ``Dense`` at work.
final class ActiveDense: ActiveLayer {
    let options: Dense
    private let map: AffineMap
    private let hasTime: Bool
    private var tape: AffineMap.Tape?
    private var tapeIsForTraining = false
    private var isPacked = false
    private let outputs = ReusedMatrix(), gradient = ReusedMatrix()
    private var last: (inputs: Matrix, outputs: Matrix)?

    init(_ options: Dense, _ map: AffineMap, hasTime: Bool) {
        self.options = options
        self.map = map
        self.hasTime = hasTime
    }

    var output: SignalShape { SignalShape(width: map.units, hasTime: hasTime) }
    var weights: [LayerWeight] {
        [LayerWeight("kernel", map.kernel, shape: [map.inputSize, map.units])]
            + (map.bias.map { [LayerWeight("bias", $0, shape: [map.units])] } ?? [])
    }

    func torchPlaces(_ name: String, layer: Int) -> [TorchPlace] { map.torchPlaces(name) }

    func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource, on backend: any Backend) {
        map.initialize(
            parameters, kernelInitializer: options.kernelInitializer, biasInitializer: options.biasInitializer,
            using: &random, on: backend)
    }

    func parametersChanged() { isPacked = false }

    func forward(_ input: Signal, _ context: PassContext) throws -> Signal {
        let values = try input.numbers(), training = context.gradients != nil
        guard values.columns == map.inputSize else {
            throw LayerError.wrongShape(
                what: "the input", found: [values.rows, values.columns], expected: [nil, map.inputSize])
        }
        let tape: AffineMap.Tape
        if let made = self.tape, tapeIsForTraining || !training {
            tape = made
        } else {
            tape = map.makeTape(PassSize(steps: 1, batchSize: 1, training: training), on: context.backend)
            self.tape = tape
            tapeIsForTraining = training
            isPacked = false
        }
        if !isPacked { map.prepare(tape, parameters: context.parameters, on: context.backend) }
        isPacked = true
        let result = outputs(values.rows, map.units)
        map.forward(Operand(values), into: result, tape: tape, parameters: context.parameters, on: context.backend)
        context.backend.activate(options.activation, result)
        last = (values, result)
        return input.with(result)
    }

    func backward(_ gradient: SignalGradient, _ context: PassContext) -> SignalGradient {
        guard let last, let tape else { preconditionFailure("there is no pass to go back over") }
        let sums = gradient.numbers()
        if !gradient.beforeActivation {
            context.backend.differentiate(options.activation, values: last.outputs, gradient: sums)
        }
        let result = self.gradient(last.inputs.rows, last.inputs.columns)
        map.backward(
            inputs: Operand(last.inputs), outputGradient: Operand(sums), inputGradient: result, tape: tape,
            gradients: context.gradientMemory(), on: context.backend)
        return gradient.with(result)
    }
}

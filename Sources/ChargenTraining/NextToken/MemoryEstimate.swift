import ChargenNGrams
import ChargenNN
import ChargenTensor

/// The memory that a training run on a text needs, in bytes, by what it is for.
///
///     let trainer = try Trainer(text: text)
///     print(trainer.tokens.memory().peak)
///
/// The sizes follow from the architecture and the options: nothing is measured. They are those of the largest batch, of
/// training or of validation.
public struct MemoryEstimate: Sendable, Equatable, Encodable {
    /// The weights.
    public let parameters: Int
    /// The gradients of the weights.
    public let gradients: Int
    /// The numbers that the optimizer keeps for each weight.
    public let optimizer: Int
    /// Copies of the weights: the averages, the best ones, the last good state with its optimizer, accumulated gradients.
    public let copies: Int
    /// The kernels in the order in which products read them, in both directions.
    public let packedKernels: Int
    /// The activations of a batch and their gradients.
    public let activations: Int
    /// The token ids of the text.
    public let tokens: Int
    /// What saving needs: the weights, and the content of the file.
    public let saving: Int
    /// The most that the n-gram model needs, which is freed before the training starts; see ``CountingBaseline``.
    public let counting: Int

    /// The most that the run needs at any time.
    public var peak: Int {
        tokens + parameters + max(counting, gradients + optimizer + copies + packedKernels + max(activations, saving))
    }

    private enum CodingKeys: String, CodingKey {
        case parameters, gradients, optimizer, copies, packedKernels, activations, tokens, saving, counting, peak
    }

    /// Writes all sizes, and their ``peak``.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        for (key, bytes) in [
            (CodingKeys.parameters, parameters), (.gradients, gradients), (.optimizer, optimizer), (.copies, copies),
            (.packedKernels, packedKernels), (.activations, activations), (.tokens, tokens), (.saving, saving),
            (.counting, counting), (.peak, peak),
        ] { try values.encode(bytes, forKey: key) }
    }
}

extension TokenTrainer {
    /// The memory that the run needs.
    /// - Parameter countsBaseline: whether the run computes its baseline.
    public func memory(countsBaseline: Bool = true) -> MemoryEstimate {
        let weights = 4 * loop.network.layout.bufferCount, slots = loop.update.slots.count
        let averages = options.average > 0 ? 1 : 0
        let copies = averages + (options.keep == .best ? 1 : 0) + (options.accumulate > 1 ? 1 : 0)
            + (options.recoveries > 0 ? 1 + averages + slots : 0)
        let shapes = PassShapes(plan, options, loop), layers = loop.network.built
        let scratch = 4 * loop.network.backend.makeScratch().count
        return MemoryEstimate(
            parameters: weights, gradients: weights, optimizer: slots * weights, copies: copies * weights,
            packedKernels: layers.indices.reduce(0) { $0 + shapes.packedBytes(layers[$1], at: $1) },
            activations: layers.indices.reduce(scratch) { $0 + shapes.activationBytes(layers[$1], at: $1) }
                + (layers.indices.map { shapes.replacedBytes(layers[$0], at: $0) }.max() ?? 0),
            tokens: 4 * (plan.trainingCharacters + plan.validationCharacters + plan.testCharacters), saving: 2 * weights,
            counting: countsBaseline && plan.validationCharacters > 0 ? countingBytes : 0)
    }

    /// Each token adds at most one n-gram of each order.
    private var countingBytes: Int {
        let extent = countingExtent
        return min(NGramModel.bytesPerNGram * extent.order * extent.training, CountingBaseline.memoryLimit)
    }
}

// MARK: - Layers

/// The largest passes of a run: their rows, and the bytes of the numbers that products read.
private struct PassShapes {
    /// Rows T·N of a batch without jitter, of the largest batch that is trained on, and of the largest pass.
    let typicalRows: Int, trainingRows: Int, rows: Int
    /// Sequences side by side of a batch that is trained on, and of the largest pass, N.
    let trainingBatchSize: Int, batchSize: Int
    /// The distinct tokens of a batch at most, U.
    let distinct: Int
    /// Bytes of an operand of a product of training, and of a forward pass: the last figures of held-out text are exact, in
    /// float32.
    let trained: Int, read: Int
    private let isOneHot: Bool, hasRecurrentDropout: Bool
    private let H: Int

    init(_ plan: TrainingPlan, _ options: TrainingOptions, _ loop: TrainingLoop) {
        let N = plan.batchSize, held = max(plan.validationCharacters, plan.testCharacters)
        var steps = plan.steps
        if options.batching == .consecutive {
            steps = min(steps + 2 * Int(options.jitter / 2 * Double(steps)), (plan.trainingCharacters - 1) / N)
        }
        trainingRows = N * steps
        typicalRows = N * min(plan.steps, steps)
        trainingBatchSize = N
        let reading = held > 1 ? TextEvaluator.passShape(for: held) : (rows: 0, streams: 0)
        rows = max(trainingRows, reading.rows)
        batchSize = max(N, reading.streams)
        trained = 4 / loop.precisionOfProducts.numbersPerWord
        read = held > 1 ? 4 : trained
        isOneHot = options.embeddingSize == nil
        hasRecurrentDropout = plan.recurrentDropout > 0
        H = plan.hiddenSize
        distinct = min(rows, loop.network.built.last?.output.width ?? rows)
    }

    /// The bytes of the packed kernels of layer `index`, for the forward pass and for the backward pass.
    func packedBytes(_ layer: BuiltLayer, at index: Int) -> Int {
        switch layer {
        case let layer as BuiltRecurrent:
            let kind = layer.cell.kind, recurrent = kind.gates * H * H + (kind.secondProduct == nil ? 0 : H * H)
            // A one-hot input takes rows of the kernel as it is.
            let kernel = isOneHot && index == 1 ? 0 : layer.cell.inputSize * kind.inputs * H
            return (read + trained) * (recurrent + kernel)
        case is BuiltDense: return (read + trained) * H * (layer.output.width ?? 0)
        default: return 0
        }
    }

    /// The bytes of the activations of layer `index` and of their gradients. Those of the last layer contain the loss.
    func activationBytes(_ layer: BuiltLayer, at index: Int) -> Int {
        switch layer {
        case let layer as BuiltRecurrent: return recurrentBytes(layer.cell, isFirst: index == 1, rows, batchSize, read)
        case is BuiltDropout: return read * rows * H
        case is BuiltDense:
            let V = layer.output.width ?? 0
            // Logits, the gradient of the inputs, and the gradient and the loss of each row.
            return 4 * rows * V + 4 * trainingRows * H + trained * trainingRows * V + 8 * rows
        case let layer as BuiltEmbedding: return (4 + read) * distinct * layer.options.outputDim + 4 * rows
        default: return 4 * rows
        }
    }

    /// The bytes that a recurrent layer still has while it gets memory for larger passes, or for passes in float32.
    func replacedBytes(_ layer: BuiltLayer, at index: Int) -> Int {
        guard let layer = layer as? BuiltRecurrent else { return 0 }
        func bytes(_ R: Int, _ N: Int) -> Int { recurrentBytes(layer.cell, isFirst: index == 1, R, N, trained) }
        if trained < read { return bytes(rows, batchSize) }
        return typicalRows < rows ? bytes(typicalRows, trainingBatchSize) : 0
    }

    /// The bytes of a recurrent layer for `R` rows of `N` sequences, in operands of `size` bytes.
    private func recurrentBytes(_ cell: RecurrentCell, isFirst: Bool, _ R: Int, _ N: Int, _ size: Int) -> Int {
        let kind = cell.kind, products = kind.inputs * H
        // In the precision of products: gates, states, intermediate states, normalized products and their gradients.
        var operands = R * kind.slots * H + (R + N) * H
        if kind.secondProduct != nil { operands += R * H }
        if cell.gain != nil { operands += 2 * R * kind.gates * H }
        if hasRecurrentDropout { operands += (R + N) * H }
        // In float32: initial and final states and their gradients, cell states or unrounded states.
        var floats = 6 * N * H
        if kind.hasCellState || size < 4 && kind.keepsUnroundedState { floats += (R + N) * H }
        switch (isFirst, isOneHot) {
        case (true, true): break
        case (true, false):
            // The products of distinct inputs, and their gradients.
            operands += distinct * products
            floats += distinct * (2 * products + cell.inputSize)
        case (false, _): floats += min(R, max(N, TimeLoop.chunkRows)) * products
        }
        return size * operands + 4 * floats
    }
}

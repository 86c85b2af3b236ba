import CChargenKernels
import ChargenTensor

/// One step of a small LSTM through the tails of one table: 3 sequences of H units, step 1 of 2, the same numbers for
/// every table.
struct LSTMTails {
    let H: Int
    let narrow: Bool
    let kernels: ck_kernels
    private let N = 3, V = 4

    struct Result {
        var gates, hidden, cell: [Float]
    }

    init(H: Int, narrow: Bool, kernels: ck_kernels) {
        self.H = H
        self.narrow = narrow
        self.kernels = kernels
    }

    private func numbers(_ count: Int, seed: UInt64, scale: Float) -> [Float] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in random.uniform(in: -scale..<scale) }
    }

    /// `rows` rows of `columns` numbers with room between them, in the precision that is asked for.
    private func operand(_ values: [Float], columns: Int, _ body: (ck_operand) -> Void) -> [Float] {
        let stride = columns + columns % 2 + 4, rows = values.count / columns
        var floats = [Float](repeating: 0, count: rows * stride)
        for row in 0..<rows {
            for column in 0..<columns { floats[row * stride + column] = values[row * columns + column] }
        }
        var halves = floats.map { UInt16($0.bitPattern >> 16) }
        if narrow {
            halves.withUnsafeMutableBytes { body(ck_operand(precision: CK_BFLOAT16, data: $0.baseAddress, stride: stride)) }
            floats = halves.map { Float(bitPattern: UInt32($0) << 16) }
        } else {
            floats.withUnsafeMutableBytes { body(ck_operand(precision: CK_FLOAT32, data: $0.baseAddress, stride: stride)) }
        }
        return (0..<rows).flatMap { row in floats[row * stride..<row * stride + columns] }
    }

    /// Runs `body` on a layer of which all that is not given is random.
    private func run(_ body: (inout ck_lstm) -> Void) -> Result {
        let input = numbers(V * 4 * H, seed: 1, scale: 3), bias = numbers(4 * H, seed: 2, scale: 1)
        var cell = numbers(3 * N * H, seed: 3, scale: 1.5)
        let output = numbers(2 * N * H, seed: 4, scale: 1)
        var dCell = numbers(N * H, seed: 5, scale: 1)
        let tokens = [0, 3, 1, 2, 2, 0].map { Int32($0) }
        var hidden: [Float] = []
        let gates = operand(numbers(2 * N * 4 * H, seed: 6, scale: 1), columns: 4 * H) { gates in
            hidden = operand([Float](repeating: 0, count: 3 * N * H), columns: H) { hidden in
                input.withUnsafeBufferPointer { input in
                    bias.withUnsafeBufferPointer { bias in
                        cell.withUnsafeMutableBufferPointer { cell in
                            output.withUnsafeBufferPointer { output in
                                dCell.withUnsafeMutableBufferPointer { dCell in
                                    tokens.withUnsafeBufferPointer { tokens in
                                        var lstm = ck_lstm()
                                        lstm.N = N
                                        lstm.H = H
                                        lstm.last = 2
                                        lstm.input = input.baseAddress
                                        lstm.tokens = tokens.baseAddress
                                        lstm.bias = bias.baseAddress
                                        lstm.gates = gates
                                        lstm.hidden = hidden
                                        lstm.cell = cell.baseAddress
                                        lstm.d_output = output.baseAddress
                                        lstm.d_cell = dCell.baseAddress
                                        body(&lstm)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return Result(gates: gates, hidden: hidden, cell: cell + dCell)
    }

    /// Every block of step 1; `product` is the same for each unit and gate whatever the number of lanes.
    func forward() -> Result {
        let lanes = Int(kernels.lanes), values = numbers(N * 4 * H, seed: 7, scale: 2)
        return run { lstm in
            for block in 0..<(H + lanes - 1) / lanes {
                var product = [Float](repeating: 9, count: N * 4 * lanes)
                for row in 0..<N {
                    for gate in 0..<4 {
                        for lane in 0..<min(lanes, H - block * lanes) {
                            product[(row * 4 + gate) * lanes + lane] = values[(row * 4 + gate) * H + block * lanes + lane]
                        }
                    }
                }
                (narrow ? kernels.lstm_forward.1 : kernels.lstm_forward.0)!(&lstm, 1, 0, Int32(N), block, product)
            }
        }
    }

    /// Every panel of step 1, backward.
    func backward() -> Result {
        let width = 2 * Int(kernels.lanes), values = numbers(N * H, seed: 8, scale: 2)
        return run { lstm in
            for panel in 0..<(H + width - 1) / width {
                var product = [Float](repeating: 9, count: N * width)
                for row in 0..<N {
                    for j in 0..<min(width, H - panel * width) {
                        product[row * width + j] = values[row * H + panel * width + j]
                    }
                }
                (narrow ? kernels.lstm_backward.1 : kernels.lstm_backward.0)!(&lstm, 1, 0, Int32(N), panel, product)
            }
        }
    }
}

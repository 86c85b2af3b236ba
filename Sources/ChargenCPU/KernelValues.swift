import CChargenKernels
import ChargenTensor

// The values of the library's enumerations as the kernels know them.

extension OperandPrecision {
    var kernels: ck_precision { self == .float32 ? CK_FLOAT32 : CK_BFLOAT16 }
}

extension Activation {
    /// Traps for softmax, which is not a function of one number.
    var kernels: ck_activation {
        switch self {
        case .linear: CK_LINEAR
        case .sigmoid: CK_SIGMOID
        case .hardSigmoid: CK_HARD_SIGMOID
        case .tanh: CK_TANH
        case .relu: CK_RELU
        case .softmax: preconditionFailure("softmax is no function of one number")
        }
    }
}

extension LossFunction {
    var kernels: ck_loss {
        switch self {
        case .softmaxCrossEntropy: CK_SOFTMAX_CROSS_ENTROPY
        case .sigmoidCrossEntropy: CK_SIGMOID_CROSS_ENTROPY
        case .squaredError: CK_SQUARED_ERROR
        }
    }
}

extension CellKind {
    /// Traps where the kernels lay out the cell's gates in another way than ``CellKind`` says.
    var kernels: ck_cell {
        let cell =
            switch formula {
            case .lstm: CK_LSTM
            case .gru: CK_GRU
            case .gruResetBefore: CK_GRU_RESET_BEFORE
            case .simpleRNN: CK_SIMPLE_RNN
            case .multiplicativeLSTM: CK_MLSTM
            }
        let facts = ck_facts(cell)
        precondition(
            inputs == facts.inputs && gates == facts.gates && slots == facts.slots && firstGate == facts.first_gate,
            "the kernels' \(self) has \(facts), not \([inputs, gates, slots, firstGate])")
        return cell
    }
}

extension StreamPrecision {
    /// The precision for a table of kernels, after ``automatic`` is resolved.
    func resolved(_ kernels: UnsafePointer<ck_kernels>) -> ck_stream_precision {
        switch self {
        case .automatic: kernels.pointee.has_int8 != 0 ? CK_STREAM_INT8 : CK_STREAM_FLOAT32
        case .float32: CK_STREAM_FLOAT32
        case .bfloat16: CK_STREAM_BFLOAT16
        case .int8: CK_STREAM_INT8
        }
    }
}

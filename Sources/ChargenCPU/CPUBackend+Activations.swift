import CChargenKernels
import ChargenTensor

extension CPUBackend {
    package func activate(_ activation: Activation, _ values: Matrix) {
        switch activation {
        case .linear: break
        case .softmax: ck_softmax(team, table, values.rows, values.columns, values.pointer)
        default: ck_activate(team, table, values.rows, values.columns, activation.kernels, values.pointer)
        }
    }

    package func differentiate(_ activation: Activation, values: Matrix, gradient: Matrix) {
        precondition(values.shape == gradient.shape, "gradient \(gradient.shape) of values \(values.shape)")
        switch activation {
        case .linear: break
        case .softmax:
            ck_differentiate_softmax(team, table, values.rows, values.columns, values.pointer, gradient.pointer)
        default:
            ck_differentiate(team, table, values.count, activation.kernels, values.pointer, gradient.pointer)
        }
    }

    package func dropout(_ draw: DropoutDraw, _ values: Operand, period: Int, into result: Operand) {
        precondition(
            values.shape == result.shape && values.precision == result.precision && period > 0,
            "dropout of \(values.shape), \(values.precision) into \(result.shape), \(result.precision)")
        ck_dropout(
            team, table, values.rows, values.columns, period, draw.seed, draw.threshold, draw.scale, values.operand,
            result.operand)
    }
}

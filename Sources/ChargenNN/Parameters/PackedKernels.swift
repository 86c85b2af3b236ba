import ChargenTensor

/// The kernels of a model in the order in which products read them. A kernel is packed when it is first needed, and again
/// when the parameters have changed.
package final class PackedKernels {
    /// The order in which a kernel is packed.
    package enum Form: Hashable {
        /// As the right side of a product.
        case straight
        /// As the right side of a product with the transposed kernel, for the backward pass.
        case transposed
        /// A recurrent kernel `[H, gates·H]` with the gates of a unit side by side.
        case gates
    }

    private struct Key: Hashable {
        let position: Int
        let form: Form
    }

    private var entries: [Key: (matrix: PackedMatrix, version: Int)] = [:]

    package init() {}

    /// The packed kernel at `index`.
    func kernel(_ index: ParameterLayout.Index, _ form: Form, of parameters: PassParameters) -> PackedMatrix {
        let key = Key(position: index.position, form: form)
        let entry = entries[key].flatMap { $0.matrix.precision == parameters.precision ? $0 : nil }
        if let entry, entry.version == parameters.version { return entry.matrix }
        let kernel = parameters[index], matrix = entry?.matrix ?? Self.make(kernel, form, parameters)
        parameters.backend.measure(.packing) {
            switch form {
            case .straight: parameters.backend.pack(kernel, transposed: false, into: matrix)
            case .transposed: parameters.backend.pack(kernel, transposed: true, into: matrix)
            case .gates: parameters.backend.packGates(kernel, into: matrix)
            }
        }
        entries[key] = (matrix, parameters.version)
        return matrix
    }

    private static func make(_ kernel: Matrix, _ form: Form, _ parameters: PassParameters) -> PackedMatrix {
        let (rows, columns, backend) = (kernel.rows, kernel.columns, parameters.backend)
        return switch form {
        case .straight: backend.makePacked(rows: rows, columns: columns, precision: parameters.precision)
        case .transposed: backend.makePacked(rows: columns, columns: rows, precision: parameters.precision)
        case .gates:
            backend.makePackedGates(hiddenSize: rows, gates: columns / rows, precision: parameters.precision)
        }
    }
}

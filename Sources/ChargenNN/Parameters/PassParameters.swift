import ChargenTensor

/// The parameters as a pass reads them: their numbers, and the precision of the products that they enter.
package struct PassParameters {
    package let buffer: ParameterBuffer
    /// A number that changes whenever the parameters do.
    package let version: Int
    /// The precision of the operands of products.
    package let precision: OperandPrecision
    package let backend: any Backend
    /// Memory that products of transposed matrices work in; empty in a pass without a backward pass.
    package let scratch: Storage

    package init(
        buffer: ParameterBuffer, version: Int, precision: OperandPrecision, backend: any Backend, scratch: Storage
    ) {
        self.buffer = buffer
        self.version = version
        self.precision = precision
        self.backend = backend
        self.scratch = scratch
    }

    package subscript(index: ParameterLayout.Index) -> Matrix { buffer[index] }
}

/// A kernel in the order in which products read it. It is packed when it is first needed, and again when the parameters have
/// changed.
package final class PackedKernel {
    /// The order in which the kernel is packed.
    package enum Form {
        /// As the right side of a product.
        case straight
        /// As the right side of a product with the transposed kernel, for the backward pass.
        case transposed
        /// A recurrent kernel `[H, gates·H]` with the gates of a unit side by side.
        case gates
    }

    private let index: ParameterLayout.Index
    private let form: Form
    private var packed: PackedMatrix?
    private var version = Int.min

    package init(_ index: ParameterLayout.Index, _ form: Form) {
        self.index = index
        self.form = form
    }

    /// The packed kernel, for the parameters as they are now.
    package func callAsFunction(_ parameters: PassParameters) -> PackedMatrix {
        let (kernel, backend, precision) = (parameters[index], parameters.backend, parameters.precision)
        let result: PackedMatrix
        if let packed, packed.precision == precision {
            guard version != parameters.version else { return packed }
            result = packed
        } else {
            let (rows, columns) = (kernel.rows, kernel.columns)
            result =
                switch form {
                case .straight: backend.makePacked(rows: rows, columns: columns, precision: precision)
                case .transposed: backend.makePacked(rows: columns, columns: rows, precision: precision)
                case .gates: backend.makePackedGates(hiddenSize: rows, gates: columns / rows, precision: precision)
                }
        }
        backend.measure(.packing) {
            switch form {
            case .straight: backend.pack(kernel, transposed: false, into: result)
            case .transposed: backend.pack(kernel, transposed: true, into: result)
            case .gates: backend.packGates(kernel, into: result)
            }
        }
        packed = result
        version = parameters.version
        return result
    }
}

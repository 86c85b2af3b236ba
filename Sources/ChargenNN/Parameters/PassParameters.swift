import ChargenTensor

/// The parameters as a pass reads them: their numbers, and the precision of the products that they enter.
package struct PassParameters {
    package let buffer: ParameterBuffer
    /// A number that changes whenever the parameters do.
    package let version: Int
    /// The precision of the operands of products.
    package let precision: OperandPrecision
    package let backend: any Backend
    /// Memory that products of transposed matrices work in; nil in a pass without a backward pass.
    package let scratch: (any Storage)?
    /// The kernels as products read them.
    private let kernels: PackedKernels

    package init(
        buffer: ParameterBuffer, version: Int, precision: OperandPrecision, backend: any Backend, scratch: (any Storage)?, kernels: PackedKernels
    ) {
        self.buffer = buffer
        self.version = version
        self.precision = precision
        self.backend = backend
        self.scratch = scratch
        self.kernels = kernels
    }

    package subscript(index: ParameterLayout.Index) -> Matrix { buffer[index] }

    /// A kernel in the order in which products read it, for the parameters as they are now.
    package func packed(_ index: ParameterLayout.Index, _ form: PackedKernels.Form) -> PackedMatrix {
        kernels.kernel(index, form, of: self)
    }

    /// Computes `result [M, N] = leftᵀ · right`, in a backward pass.
    package func transposedProduct(_ left: Operand, _ right: Operand, into result: Matrix) {
        guard let scratch else { preconditionFailure("the pass was made without a backward pass") }
        backend.transposedProduct(left, right, scratch: scratch, into: result)
    }
}

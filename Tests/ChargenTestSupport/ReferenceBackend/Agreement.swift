import ChargenCPU
import ChargenTensor
import Testing

/// Runs `operation` on a CPU backend of two threads and on the reference backend, and expects the same lists of numbers: to
/// `absolute`, or to `relative` times the reference's size. An operation must make all its buffers on the backend that it gets.
package func expectAgreement(
    _ set: InstructionSet, absolute: Float, relative: Float = 0, _ what: String = "",
    sourceLocation: SourceLocation = #_sourceLocation, _ operation: (any Backend) throws -> [(String, [Float])]
) throws {
    let found = try operation(CPUBackend(threads: 2, instructionSet: set)), expected = try operation(ReferenceBackend())
    #expect(found.map(\.0) == expected.map(\.0), "\(what)", sourceLocation: sourceLocation)
    for ((name, found), (_, expected)) in zip(found, expected) {
        #expect(expected.contains { $0 != 0 }, "\(what) \(name) is nothing but zeros", sourceLocation: sourceLocation)
        expectClose(
            found, expected, absolute: absolute, relative: relative, "\(what) \(name)", sourceLocation: sourceLocation)
    }
}

extension Backend {
    /// A matrix of random numbers of `range`, the same for one seed on every backend.
    package func randomMatrix(_ rows: Int, _ columns: Int, seed: UInt64, in range: Range<Float> = -1..<1) -> Matrix {
        var random = RandomSource(seed: seed)
        return makeMatrix(rows, columns, (0..<rows * columns).map { _ in random.uniform(in: range) })
    }

    /// An operand of random numbers of `range`, rounded to `precision`.
    package func randomOperand(
        _ rows: Int, _ columns: Int, _ precision: OperandPrecision, seed: UInt64, in range: Range<Float> = -1..<1
    ) -> Operand {
        let operand = makeOperand(rows, columns, precision)
        copy(Operand(randomMatrix(rows, columns, seed: seed, in: range)), into: operand)
        return operand
    }

    /// Random integers of `0..<limit`.
    package func randomIndices(_ count: Int, limit: Int, seed: UInt64) -> Indices {
        var random = RandomSource(seed: seed)
        return makeIndices((0..<count).map { _ in Int32.random(in: 0..<Int32(limit), using: &random) }, limit: limit)
    }
}

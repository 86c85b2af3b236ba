import ChargenCPU
import ChargenDevice
import ChargenTensor

/// A backend whose memory tests use where it does not matter which one it is.
package let testBackend: any Backend = {
    do { return try Device.default.backend() } catch { preconditionFailure("\(error)") }
}()

extension Matrix {
    /// A matrix of zeros in the memory of the processor.
    package init(rows: Int, columns: Int) { self = testBackend.makeMatrix(rows, columns) }

    /// A matrix of uniform random numbers in the memory of the processor.
    package init(rows: Int, columns: Int, seed: UInt64, in range: Range<Float> = -1..<1) {
        var random = RandomSource(seed: seed)
        self = testBackend.makeMatrix(rows, columns, (0..<rows * columns).map { _ in random.uniform(in: range) })
    }

    /// The same numbers in other memory.
    package var copy: Matrix { testBackend.makeCopy(of: Operand(self)) }

    package func fill(_ value: Float) { testBackend.fill(self, with: value) }

    /// The sum of the first `count` numbers.
    package func sum(count: Int) -> Double { values.prefix(count).reduce(0) { $0 + Double($1) } }
}

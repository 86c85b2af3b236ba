import CChargenKernels

/// Float32 memory aligned to a cache line: the one type that owns raw memory.
///
/// Not `Sendable`: whoever computes with a buffer has it alone. What crosses threads is a ``Tensor``.
package final class Storage {
    let pointer: UnsafeMutablePointer<Float>
    package let count: Int

    /// Zeroed memory for `count` numbers.
    package init(count: Int) {
        guard let raw = ck_allocate(max(count, 1) * MemoryLayout<Float>.stride) else {
            preconditionFailure("no memory for \(count) numbers")
        }
        pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        self.count = count
    }

    deinit { ck_free(pointer) }
}

/// Float32 memory aligned to a cache line: the one type that owns raw memory.
///
/// Not `Sendable`: whoever computes with a buffer has it alone. What crosses threads is a ``Tensor``.
package final class Storage {
    let pointer: UnsafeMutablePointer<Float>
    package let count: Int

    /// Zeroed memory for `count` numbers.
    package init(count: Int) {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        pointer.initialize(repeating: 0, count: max(count, 1))
        self.count = count
    }

    deinit { pointer.deallocate() }
}

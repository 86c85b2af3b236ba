import CChargenKernels

/// A block of float32 memory, aligned to a cache line. It is the only type that owns raw memory.
///
/// It is not `Sendable`: one thread at a time computes with a buffer. Use a ``Tensor`` to pass numbers between threads.
package final class Storage {
    let pointer: UnsafeMutablePointer<Float>
    package let count: Int

    /// Allocates zeroed memory for `count` numbers. Traps where the system refuses memory.
    package init(count: Int) {
        guard let raw = ck_allocate(max(count, 1) * MemoryLayout<Float>.stride) else {
            preconditionFailure("no memory for \(count) numbers")
        }
        pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        self.count = count
    }

    deinit { ck_free(pointer) }
}

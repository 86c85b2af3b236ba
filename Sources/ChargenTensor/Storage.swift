/// A block of a backend's memory: a sequence of words of 32 bits.
///
/// Only the backend that made a storage can compute with it, and only that backend knows where it lies. The host sees its
/// content through ``upload(_:at:)`` and ``download(into:at:)``, which copy. In these copies, a float32 or an index (Int32)
/// is one word, a bfloat16 half a word, an element of a mask a byte, and a scalar (Float64) two words.
///
/// It is not `Sendable`: one thread at a time computes with a buffer. Use a ``Tensor`` to pass numbers between threads.
package protocol Storage: AnyObject {
    /// Words in the block.
    var count: Int { get }
    /// Copies `bytes` from the host to the block, from word `offset` on.
    func upload(_ bytes: UnsafeRawBufferPointer, at offset: Int)
    /// Copies as many bytes as `bytes` holds from the block, from word `offset` on, to the host.
    func download(into bytes: UnsafeMutableRawBufferPointer, at offset: Int)
}

extension Storage {
    /// Copies the elements of `values` to the block, from word `offset` on.
    package func upload<Element: BitwiseCopyable>(_ values: [Element], at offset: Int = 0) {
        values.withUnsafeBytes {
            check($0.count, offset)
            upload($0, at: offset)
        }
    }

    /// Overwrites `values` with elements of the block, from word `offset` on.
    package func download<Element: BitwiseCopyable>(into values: inout [Element], at offset: Int = 0) {
        values.withUnsafeMutableBytes {
            check($0.count, offset)
            download(into: $0, at: offset)
        }
    }

    /// A copy of `count` elements of the block, from word `offset` on.
    package func elements<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ count: Int, at offset: Int = 0
    ) -> [Element] {
        var values = [Element](repeating: 0, count: count)
        download(into: &values, at: offset)
        return values
    }

    private func check(_ bytes: Int, _ offset: Int) {
        precondition(offset >= 0 && 4 * offset + bytes <= 4 * count, "\(bytes) bytes at word \(offset) of \(count)")
    }
}

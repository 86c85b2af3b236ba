import CChargenKernels
import ChargenTensor

/// A block of the processor's memory, aligned to a cache line. It is the only type that owns raw memory.
final class CPUStorage: Storage {
    let count: Int
    let pointer: UnsafeMutablePointer<Float>
    /// Where the memory is counted, if it is.
    private let profile: Profile?

    /// Allocates zeroed memory for `count` words. Traps where the system refuses memory.
    init(count: Int, profile: Profile? = nil) {
        guard let raw = ck_allocate(max(count, 1) * MemoryLayout<Float>.stride) else {
            preconditionFailure("no memory for \(count) numbers")
        }
        pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        self.count = count
        self.profile = profile
        profile?.count(bytes: MemoryLayout<Float>.stride * count)
    }

    deinit {
        profile?.count(bytes: -MemoryLayout<Float>.stride * count)
        ck_free(pointer)
    }

    func upload(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        if let base = bytes.baseAddress {
            UnsafeMutableRawPointer(pointer + offset).copyMemory(from: base, byteCount: bytes.count)
        }
    }

    func download(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.baseAddress?.copyMemory(from: pointer + offset, byteCount: bytes.count)
    }
}

// MARK: - Views as the kernels see them. Their pointers are valid as long as the storage exists.

extension Matrix {
    var pointer: UnsafeMutablePointer<Float> { storage.cpu + offset }
}

extension Storage {
    /// The memory. Traps for the storage of another backend.
    var cpu: UnsafeMutablePointer<Float> {
        guard let own = self as? CPUStorage else { preconditionFailure("\(Self.self) is not memory of this backend") }
        return own.pointer
    }

    var words: UnsafeMutablePointer<ck_word> {
        UnsafeMutableRawPointer(cpu).assumingMemoryBound(to: ck_word.self)
    }
}

extension Operand {
    /// The address of the first number.
    var memory: UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(storage.cpu) + offset * (4 / precision.numbersPerWord)
    }

    var operand: ck_operand { ck_operand(precision: precision.kernels, data: memory, stride: stride) }
}

extension PackedMatrix {
    var words: UnsafeMutablePointer<ck_word> { storage.words }
}

extension Indices {
    var pointer: UnsafePointer<Int32> {
        UnsafePointer(UnsafeMutableRawPointer(storage.cpu).assumingMemoryBound(to: Int32.self))
    }
}

extension Mask {
    var pointer: UnsafePointer<UInt8> {
        UnsafePointer(UnsafeMutableRawPointer(storage.cpu).assumingMemoryBound(to: UInt8.self))
    }
}

extension Scalars {
    /// The scalar at `index`.
    subscript(index: Int) -> Double {
        get { place(index).pointee }
        nonmutating set { place(index).pointee = newValue }
    }

    private func place(_ index: Int) -> UnsafeMutablePointer<Double> {
        precondition(0..<count ~= index, "scalar \(index) of \(count)")
        return UnsafeMutableRawPointer(storage.cpu).assumingMemoryBound(to: Double.self) + index
    }
}

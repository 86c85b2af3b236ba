import ChargenTensor

/// Memory of ``ReferenceBackend``: an array of words that no pointer of the host reaches, as if it lay on another device.
final class ReferenceStorage: Storage {
    private var words: [UInt32]

    init(count: Int) { words = [UInt32](repeating: 0, count: count) }

    var count: Int { words.count }

    func upload(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        words.withUnsafeMutableBytes { memory in
            for (place, byte) in bytes.enumerated() { memory[4 * offset + place] = byte }
        }
    }

    func download(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        words.withUnsafeBytes { memory in
            for place in bytes.indices { bytes[place] = memory[4 * offset + place] }
        }
    }

    /// Word `index`.
    subscript(index: Int) -> UInt32 {
        get { words[index] }
        set { words[index] = newValue }
    }

    /// Number `index` of the memory, seen as numbers of `precision`. In bfloat16, the first number of a word is in its lower
    /// half.
    subscript(precision: OperandPrecision, index: Int) -> Float {
        get {
            switch precision {
            case .float32: Float(bitPattern: words[index])
            case .bfloat16: Float(bitPattern: index % 2 == 0 ? words[index / 2] << 16 : words[index / 2] & 0xFFFF_0000)
            }
        }
        set {
            switch precision {
            case .float32: words[index] = newValue.bitPattern
            case .bfloat16:
                let (half, word) = (newValue.roundedToBfloat16.bitPattern, words[index / 2])
                words[index / 2] = index % 2 == 0 ? word & 0xFFFF_0000 | half >> 16 : word & 0xFFFF | half
            }
        }
    }
}

extension Float {
    /// The nearest number whose lower 16 bits are zero; of two equally near ones, that with an even last bit. NaN stays NaN.
    var roundedToBfloat16: Float {
        if isNaN { return Float(bitPattern: (bitPattern | 0x40_0000) & 0xFFFF_0000) }
        return Float(bitPattern: (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) & 0xFFFF_0000)
    }
}

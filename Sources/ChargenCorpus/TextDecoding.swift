/// Decodes UTF-8 strictly: a broken byte is an error with its place, never a replacement character.
enum TextDecoding {
    /// The text of `bytes`, or the offset of the first byte that is not UTF-8.
    static func decode(_ bytes: [UInt8]) -> Result<String, InvalidByte> {
        if let text = String(validating: bytes, as: UTF8.self) { return .success(text) }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) { offset += scalar.count }
        return .failure(InvalidByte(offset: offset))
    }

    /// What bytes that are not UTF-8 may be, under the name that iconv knows: told by a byte-order mark, or else the
    /// encoding that Chinese texts are most often in.
    static func likelyEncoding(_ bytes: [UInt8]) -> String {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) ? "UTF-16" : "GB18030"
    }

    /// Whether bytes that are UTF-8 have control characters that no text has.
    static func isBinary(_ bytes: [UInt8]) -> Bool {
        bytes.contains { $0 < 0x20 && !(0x09...0x0D ~= $0) }
    }

    /// A byte that is not UTF-8.
    struct InvalidByte: Error, Equatable {
        /// How many bytes stand before it.
        let offset: Int
    }
}

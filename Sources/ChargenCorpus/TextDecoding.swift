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

    /// A byte that is not UTF-8.
    struct InvalidByte: Error, Equatable {
        /// How many bytes stand before it.
        let offset: Int
    }
}

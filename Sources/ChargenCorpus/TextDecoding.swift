/// Functions that decode UTF-8 strictly: an invalid byte is an error, never a replacement character.
enum TextDecoding {
    /// The three bytes that some programs write at the start of a text in UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Decodes `bytes`, which were read from `path` or from a member of it. A byte-order mark is removed.
    /// - Throws: ``CorpusError/notUTF8(path:member:offset:encoding:)``.
    static func decode(_ bytes: [UInt8], path: String, member: String?) throws -> String {
        let mark = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
        if let text = String(validating: bytes.dropFirst(mark), as: UTF8.self) { return text }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) { offset += scalar.count }
        throw CorpusError.notUTF8(path: path, member: member, offset: offset, encoding: likelyEncoding(bytes))
    }

    /// Returns true if `bytes` are valid UTF-8 without control characters other than white space.
    static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.contains { $0 < 0x20 && !(0x09...0x0D ~= $0) } && String(validating: bytes, as: UTF8.self) != nil
    }

    /// Returns the probable encoding of bytes that are not UTF-8, by its name in iconv: UTF-16 if there is a byte-order mark,
    /// else GB18030, the most frequent one for Chinese texts.
    private static func likelyEncoding(_ bytes: [UInt8]) -> String {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) ? "UTF-16" : "GB18030"
    }
}

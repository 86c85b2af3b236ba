/// Decodes UTF-8 strictly: a broken byte is an error with its place, never a replacement character.
enum TextDecoding {
    /// What some systems write before a text in UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The text of `bytes`, which are those of `path` or of a member of it, without a byte-order mark.
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

    /// Whether bytes are UTF-8 without the control characters that no text has.
    static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.contains { $0 < 0x20 && !(0x09...0x0D ~= $0) } && String(validating: bytes, as: UTF8.self) != nil
    }

    /// What bytes that are not UTF-8 may be, under the name that iconv knows: told by a byte-order mark, or else the
    /// encoding that Chinese texts are most often in.
    private static func likelyEncoding(_ bytes: [UInt8]) -> String {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) ? "UTF-16" : "GB18030"
    }
}

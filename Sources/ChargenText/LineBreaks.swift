/// What becomes of line breaks when a text is read.
public enum LineBreaks: String, Sendable, CaseIterable, Codable {
    /// Each stays one line feed.
    case keep
    /// Each becomes one space.
    case space
}

extension LineBreaks {
    /// `text` with CR LF, CR and LF each made into one line feed or one space.
    public func normalizing(_ text: some StringProtocol) -> String {
        let replacement: UInt8 = self == .keep ? 0x0A : 0x20
        // On UTF-8 bytes, since Swift reads CR LF as one character and CR and LF are single bytes.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var afterReturn = false
        for byte in text.utf8 {
            if byte == 0x0D || (byte == 0x0A && !afterReturn) {
                bytes.append(replacement)
            } else if byte != 0x0A {
                bytes.append(byte)
            }
            afterReturn = byte == 0x0D
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The treatment of line breaks when a text is read.
public enum LineBreaks: String, Sendable, CaseIterable, Codable {
    /// Each line break becomes one line feed.
    case keep
    /// Each line break becomes one space.
    case space
}

extension LineBreaks {
    /// Returns `text` with each CR LF, CR and LF replaced by one line feed or one space.
    package func normalizing(_ text: some StringProtocol) -> String {
        let replacement: UInt8 = self == .keep ? 0x0A : 0x20
        // Work on UTF-8: CR and LF are single bytes there, whereas CR LF is one Swift character.
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

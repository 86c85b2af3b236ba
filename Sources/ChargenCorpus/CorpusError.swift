/// An error in the content of a corpus or in the options for reading it.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
    /// The name of `path` ends in `.zip`, but the file does not begin like a zip archive.
    case notAZip(path: String)
    /// `path` begins like a zip archive, but the directory at its end is missing or damaged.
    case truncatedZip(path: String, reason: String)
    /// The content of `member` does not match its size or its checksum in the archive.
    case damagedMember(path: String, member: String, reason: String)
    /// `member` is encrypted.
    case encryptedMember(path: String, member: String)
    /// `member` is compressed by a method that the installed libzip does not support.
    case unsupportedMember(path: String, member: String, reason: String)
    /// All texts together have `bytes` bytes, more than `limit`.
    case tooLarge(path: String, bytes: UInt64, limit: UInt64)
    /// The zip archive has `members` members, none of which is a text.
    case noText(path: String, members: Int)
    /// The text has no characters.
    case empty(path: String)
    /// The text (of `member` in a zip archive) is not valid UTF-8 at byte `offset`; its encoding is probably `encoding`.
    case notUTF8(path: String, member: String?, offset: Int, encoding: String)
    /// The limit on the number of characters is below one.
    case limitOutOfRange(Int)

    /// One line that says what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .notAZip(let path):
            "\(path): is not a zip archive; zip it again, or rename it to .txt if it is plain text"
        case .truncatedZip(let path, let reason):
            "\(path): the zip archive is cut short or damaged (\(reason)); copy or download it again"
        case .damagedMember(let path, let member, let reason):
            "\(path): member “\(member)” is damaged (\(reason)); copy or download the archive again"
        case .encryptedMember(let path, let member):
            "\(path): member “\(member)” is encrypted; unpack it with its password and zip it again without one"
        case .unsupportedMember(let path, let member, let reason):
            "\(path): member “\(member)” cannot be unpacked (\(reason)); zip it again with ordinary compression"
        case .tooLarge(let path, let bytes, let limit):
            "\(path): holds \(bytes) bytes of text, more than the limit of \(limit); split it into smaller archives"
        case .noText(let path, let members):
            "\(path): has no text among its \(members) \(members == 1 ? "member" : "members"); "
                + "add .txt files in UTF-8"
        case .empty(let path):
            "\(path): the text is empty; add some lines to learn from"
        case .notUTF8(let path, let member, let offset, let encoding):
            (member.map { "\(path): member “\($0)”" } ?? path)
                + " is not UTF-8 at byte \(offset); convert it from \(encoding), which is probably its encoding"
        case .limitOutOfRange(let characters):
            "the limit of \(characters) characters is out of range; use 1 or more"
        }
    }
}

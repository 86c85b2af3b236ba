/// What can be wrong with a corpus.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
    /// `path` is named like a zip but does not begin like one.
    case notAZip(path: String)
    /// `path` begins like a zip, but its directory, which stands at the end, is missing or damaged.
    case truncatedZip(path: String, reason: String)
    /// The bytes of `member` are not those that were packed.
    case damagedMember(path: String, member: String, reason: String)
    /// `member` is encrypted.
    case encryptedMember(path: String, member: String)
    /// `member` is packed in a way that this machine's libzip cannot read.
    case unsupportedMember(path: String, member: String, reason: String)
    /// All texts together would take more than `limit` bytes.
    case tooLarge(path: String, bytes: UInt64, limit: UInt64)
    /// The zip has no text among its members.
    case noText(path: String, members: Int)
    /// There is no character in the text.
    case empty(path: String)
    /// The text (of `member`, in a zip) is not UTF-8 at byte `offset`; it may be in `encoding`.
    case notUTF8(path: String, member: String?, offset: Int, encoding: String)
    /// An option has a value outside what is allowed.
    case limitOutOfRange(Int)

    /// What is wrong and the way out, in one line.
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
                + " is not UTF-8 at byte \(offset); convert it, for example: "
                + "iconv -f \(encoding) -t UTF-8 OLD.txt > NEW.txt"
        case .limitOutOfRange(let characters):
            "the limit of \(characters) characters is out of range; use 1 or more"
        }
    }
}

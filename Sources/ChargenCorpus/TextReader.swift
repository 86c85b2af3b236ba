import ChargenFiles

/// Reads one plain text.
struct TextReader: CorpusReader {
    let path: String

    func read(limitBytes: UInt64) throws -> CorpusContents {
        let bytes = try WholeFile.bytes(of: path, limit: limitBytes)
        switch TextDecoding.decode(bytes) {
        case .success(let text):
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return CorpusContents(texts: [(name, text)])
        case .failure(let invalid):
            throw CorpusError.notUTF8(path: path, member: nil, offset: invalid.offset)
        }
    }
}

/// Reads one plain text.
struct TextReader: CorpusReader {
    let path: String
    let bytes: [UInt8]

    func read(limitBytes: UInt64) throws -> CorpusContents {
        switch TextDecoding.decode(bytes) {
        case .success(let text):
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return CorpusContents(texts: [(name, text)])
        case .failure(let invalid):
            throw CorpusError.notUTF8(
                path: path, member: nil, offset: invalid.offset, encoding: TextDecoding.likelyEncoding(bytes))
        }
    }
}

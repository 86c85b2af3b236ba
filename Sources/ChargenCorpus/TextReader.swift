/// A reader of a plain text.
struct TextReader: CorpusReader {
    let path: String
    let bytes: [UInt8]
    var name: String { path }

    func read() throws -> CorpusContents {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return CorpusContents(texts: [(name, try TextDecoding.decode(bytes, path: path, member: nil))])
    }
}

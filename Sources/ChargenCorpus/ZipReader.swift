import CZip

/// A reader of the texts of a zip archive, which uses libzip. It unpacks in memory, so no member's name can lead to a file on
/// the disk.
struct ZipReader: CorpusReader {
    let path: String
    /// The bytes of the archive.
    let archive: [UInt8]
    /// The maximum size of all unpacked members together, in bytes.
    let limitBytes: UInt64
    var name: String { path }

    /// The name extensions of members that must be texts. Other members are texts if their bytes are.
    static let textEndings: Set<String> = ["txt", "text", "md", "markdown", "lrc", "csv", "tsv"]

    func read() throws -> CorpusContents {
        try archive.withUnsafeBytes { bytes in
            let archive = try open(bytes)
            defer { zip_discard(archive) }  // The archive is read only, so there is nothing to write.
            return try read(archive)
        }
    }

    private func read(_ archive: OpaquePointer) throws -> CorpusContents {
        var entries: [Entry] = []
        for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
            let entry = try entry(index, of: archive)
            if entry.kind != .none { entries.append(entry) }
        }
        // An archive may have several members of the same name; they stay in the order of the archive.
        entries.sort { first, second in
            let (a, b) = (first.name.unicodeScalars, second.name.unicodeScalars)
            return a.elementsEqual(b) ? first.index < second.index : a.lexicographicallyPrecedes(b)
        }
        let total = entries.reduce(0 as UInt64) { $0.addingReportingOverflow($1.size).partialValue }
        guard total <= limitBytes, entries.allSatisfy({ $0.size <= limitBytes }) else {
            throw CorpusError.tooLarge(path: path, bytes: total, limit: limitBytes)
        }

        var contents = CorpusContents()
        contents.isArchive = true
        for entry in entries {
            if let text = try text(of: entry, in: archive) {
                contents.texts.append((entry.name, text))
            } else {
                contents.skipped.append(entry.name)
            }
        }
        guard !contents.texts.isEmpty else { throw CorpusError.noText(path: path, members: entries.count) }
        return contents
    }

    /// Returns the text of a member; nil if it is not a text and its name does not require it.
    private func text(of entry: Entry, in archive: OpaquePointer) throws -> String? {
        if entry.kind == .unknown && entry.isEncrypted { return nil }
        let bytes = try bytes(of: entry, in: archive)
        if entry.kind == .unknown && !TextDecoding.isText(bytes) { return nil }
        return try TextDecoding.decode(bytes, path: path, member: entry.name)
    }

    /// Returns the kind of a member by its name.
    private static func kind(of name: String) -> Kind {
        let parts = name.split(separator: "/")
        guard !name.hasSuffix("/"), let last = parts.last else { return .none }
        if parts.first == "__MACOSX" || last.hasPrefix(".") { return .none }
        guard let dot = last.lastIndex(of: ".") else { return .unknown }
        return textEndings.contains(last[last.index(after: dot)...].lowercased()) ? .text : .unknown
    }

    /// The kind of a member.
    private enum Kind {
        /// The member must be a text; anything else is an error.
        case text
        /// The member is a text if its bytes are.
        case unknown
        /// The member is ignored: a folder, or a hidden file of a system.
        case none
    }

    /// The properties of a member in the directory of the archive.
    private struct Entry {
        let index: UInt64
        let name: String
        let size: UInt64
        let isEncrypted: Bool
        let kind: Kind
    }

    /// Opens the archive in memory. `bytes` must stay valid until it is closed.
    private func open(_ bytes: UnsafeRawBufferPointer) throws -> OpaquePointer {
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        if let source = zip_source_buffer_create(bytes.baseAddress, UInt64(bytes.count), 0, &error) {
            if let archive = zip_open_from_source(source, ZIP_RDONLY, &error) { return archive }
            zip_source_free(source)
        }
        // The file begins like a zip archive, so it is damaged or incomplete if libzip cannot open it.
        throw CorpusError.truncatedZip(path: path, reason: Self.reason(&error))
    }

    private func entry(_ index: UInt64, of archive: OpaquePointer) throws -> Entry {
        var status = zip_stat_t()
        guard zip_stat_index(archive, index, 0, &status) == 0 else {
            throw CorpusError.truncatedZip(path: path, reason: Self.reason(zip_get_error(archive)))
        }
        let name = String(cString: status.name)
        let kind = Self.kind(of: name), isEncrypted = status.encryption_method != UInt16(ZIP_EM_NONE)
        if isEncrypted && kind == .text { throw CorpusError.encryptedMember(path: path, member: name) }
        return Entry(index: index, name: name, size: status.size, isEncrypted: isEncrypted, kind: kind)
    }

    private func bytes(of entry: Entry, in archive: OpaquePointer) throws -> [UInt8] {
        guard let file = zip_fopen_index(archive, entry.index, 0) else {
            throw failure(entry, zip_get_error(archive))
        }
        defer { zip_fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Int(entry.size))
        var filled = 0
        // Read once more after the last byte: libzip verifies the checksum when it reaches the end.
        while true {
            let count = bytes.withUnsafeMutableBytes { buffer in
                filled < buffer.count
                    ? zip_fread(file, buffer.baseAddress! + filled, UInt64(buffer.count - filled))
                    : withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { zip_fread(file, $0.baseAddress, 1) }
            }
            guard count >= 0 else { throw failure(entry, zip_file_get_error(file)) }
            if count == 0 { break }
            filled += Int(count)
            guard filled <= bytes.count else {
                throw CorpusError.damagedMember(
                    path: path, member: entry.name, reason: "longer than the archive says")
            }
        }
        guard filled == bytes.count else {
            throw CorpusError.damagedMember(
                path: path, member: entry.name, reason: "\(filled) of \(bytes.count) bytes are there")
        }
        return bytes
    }

    private func failure(_ entry: Entry, _ error: UnsafeMutablePointer<zip_error_t>) -> CorpusError {
        let reason = Self.reason(error)
        switch zip_error_code_zip(error) {
        case ZIP_ER_COMPNOTSUPP, ZIP_ER_ENCRNOTSUPP, ZIP_ER_OPNOTSUPP:
            return .unsupportedMember(path: path, member: entry.name, reason: reason)
        default:
            return .damagedMember(path: path, member: entry.name, reason: reason)
        }
    }

    private static func reason(_ error: UnsafeMutablePointer<zip_error_t>) -> String {
        String(cString: zip_error_strerror(error))
    }
}

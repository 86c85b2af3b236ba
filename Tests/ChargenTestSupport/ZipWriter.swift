import CZip

/// Makes zip archives for tests.
public enum ZipWriter {
    /// Something that libzip did not do.
    public struct Failure: Error {}

    /// Writes `members`, in that order, to `path`; with a password, encrypted.
    public static func write(
        _ members: [(name: String, bytes: [UInt8])], to path: String, password: String? = nil, compressed: Bool = false
    ) throws {
        var code: Int32 = 0
        guard let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else { throw Failure() }
        for (name, bytes) in members {
            // libzip frees the copy when the archive is closed.
            let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
            copy.copyMemory(from: bytes, byteCount: bytes.count)
            guard let source = zip_source_buffer(archive, copy, UInt64(bytes.count), 0) else { throw Failure() }
            let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
            guard index >= 0 else { throw Failure() }
            if let password {
                guard zip_file_set_encryption(archive, UInt64(index), UInt16(ZIP_EM_AES_256), password) == 0 else {
                    throw Failure()
                }
            } else if !compressed {
                zip_set_file_compression(archive, UInt64(index), ZIP_CM_STORE, 0)
            }
        }
        guard zip_close(archive) == 0 else { throw Failure() }
    }

    /// The same with texts.
    public static func write(texts: [(name: String, text: String)], to path: String) throws {
        try write(texts.map { ($0, Array($1.utf8)) }, to: path)
    }
}

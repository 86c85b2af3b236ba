#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An identity that two paths share if and only if they lead to the same file, which need not exist yet.
///
/// A file that exists is identified by its device and its inode. A file that does not exist yet is identified by the device
/// and the inode of its folder and by its name. Symbolic links are followed in both cases.
struct FileIdentity: Equatable {
    private let device: UInt64
    private let inode: UInt64
    /// The name in the folder that `device` and `inode` identify; nil if they identify the file itself.
    private let name: String?

    /// The identity of the file at `path`; nil if no file can be there, for example because its folder does not exist.
    init?(path: String) {
        var status = stat()
        if stat(path, &status) == 0 {
            name = nil
        } else {
            guard errno == ENOENT else { return nil }
            let place = ResolvedPath(following: path)
            guard !place.name.isEmpty, stat(place.folder, &status) == 0 else { return nil }
            name = Self.comparable(place.name, in: place.folder)
        }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// `name`, in lower case if the file system of `folder` ignores case.
    private static func comparable(_ name: String, in folder: String) -> String {
        #if canImport(Darwin)
            pathconf(folder, _PC_CASE_SENSITIVE) == 0 ? name.lowercased() : name
        #else
            name
        #endif
    }
}

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system's calls, and its reasons.
package enum System {
    /// What the last failed call said.
    package static var reason: String { String(cString: strerror(errno)) }

    /// Reads up to `count` bytes; negative where that failed.
    static func read(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
        #if canImport(Darwin)
            retrying { Darwin.read(file, buffer, count) }
        #elseif canImport(Glibc)
            retrying { Glibc.read(file, buffer, count) }
        #else
            retrying { Musl.read(file, buffer, count) }
        #endif
    }

    /// Writes all of `bytes` to the file descriptor `file`; false where that failed.
    package static func write(_ bytes: some Sequence<UInt8>, to file: Int32) -> Bool {
        let written = bytes.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0), to: file) }
        return written ?? Array(bytes).withUnsafeBytes { write($0, to: file) }
    }

    private static func write(_ buffer: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var rest = buffer[...]
        while !rest.isEmpty {
            let bytes = UnsafeRawBufferPointer(rebasing: rest)
            #if canImport(Darwin)
                let count = retrying { Darwin.write(file, bytes.baseAddress!, bytes.count) }
            #elseif canImport(Glibc)
                let count = retrying { Glibc.write(file, bytes.baseAddress!, bytes.count) }
            #else
                let count = retrying { Musl.write(file, bytes.baseAddress!, bytes.count) }
            #endif
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Calls again where a signal came between.
    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}

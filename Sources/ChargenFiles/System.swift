#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Calls of the operating system that are repeated if a signal interrupts them, and the messages of its errors.
package enum System {
    /// The system's message for the error of the last call that failed (`errno`).
    package static var reason: String { String(cString: strerror(errno)) }

    /// Reads up to `count` bytes into `buffer` and returns their number; a negative number means failure.
    static func read(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
        #if canImport(Darwin)
            retrying { Darwin.read(file, buffer, count) }
        #elseif canImport(Glibc)
            retrying { Glibc.read(file, buffer, count) }
        #else
            retrying { Musl.read(file, buffer, count) }
        #endif
    }

    /// Writes all of `bytes` to the file descriptor `file`; returns false if that failed.
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

    /// Repeats `call` until no signal interrupts it.
    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system's calls, and its reasons.
enum System {
    /// What the last failed call said.
    static var reason: String { String(cString: strerror(errno)) }

    /// Reads up to `count` bytes; calls again where a signal came between.
    static func read(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
        while true {
            #if canImport(Darwin)
                let result = Darwin.read(file, buffer, count)
            #elseif canImport(Glibc)
                let result = Glibc.read(file, buffer, count)
            #else
                let result = Musl.read(file, buffer, count)
            #endif
            if result >= 0 || errno != EINTR { return result }
        }
    }

    /// Writes up to `count` bytes; calls again where a signal came between.
    static func write(_ file: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
        while true {
            #if canImport(Darwin)
                let result = Darwin.write(file, buffer, count)
            #elseif canImport(Glibc)
                let result = Glibc.write(file, buffer, count)
            #else
                let result = Musl.write(file, buffer, count)
            #endif
            if result >= 0 || errno != EINTR { return result }
        }
    }
}

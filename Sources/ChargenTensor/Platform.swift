// The C library under its name on each platform: `log`, `getenv` and the like.
#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The natural logarithm of `x`.
func log(_ x: Double) -> Double {
    #if canImport(Darwin)
        Darwin.log(x)
    #elseif canImport(Glibc)
        Glibc.log(x)
    #else
        Musl.log(x)
    #endif
}

/// `e` to the power of `x`.
package func exponential(_ x: Double) -> Double {
    #if canImport(Darwin)
        Darwin.exp(x)
    #elseif canImport(Glibc)
        Glibc.exp(x)
    #else
        Musl.exp(x)
    #endif
}

/// The cosine of `x` radians.
package func cosine(_ x: Double) -> Double {
    #if canImport(Darwin)
        Darwin.cos(x)
    #elseif canImport(Glibc)
        Glibc.cos(x)
    #else
        Musl.cos(x)
    #endif
}

/// The value of the environment variable `name`.
func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// The text of a small file, or nil where it cannot be read.
func contents(ofFile path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

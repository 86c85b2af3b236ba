// The few functions of the C library that chargen needs; the library's name differs between platforms.
#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The natural logarithm of `x`.
package func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// `e` to the power of `x`.
package func exponential(_ x: Double) -> Double { exp(x) }

/// `base` to the power of `exponent`.
package func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The cosine of `x` radians.
package func cosine(_ x: Double) -> Double { cos(x) }

/// The value of the environment variable `name`; nil where it is not set.
package func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

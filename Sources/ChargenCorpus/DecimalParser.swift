/// A parser of decimal numbers in ASCII: many times faster than `Float(_: String)`, with identically rounded results.
struct DecimalParser {
    /// The powers 10⁰ to 10²², which a `Double` represents exactly.
    private let powers = (1...22).reduce(into: [1.0]) { powers, _ in powers.append(powers.last! * 10) }

    /// Parses `bytes` as one number.
    /// - Returns: The nearest `Float`; infinity or NaN if `bytes` name it or the number is too large; nil if `bytes` are no
    ///   number.
    func number(_ bytes: UnsafeRawBufferPointer) -> Float? {
        var index = 0
        var isNegative = false
        if let first = bytes.first, first == 0x2B || first == 0x2D {
            isNegative = first == 0x2D
            index = 1
        }
        var digits: UInt64 = 0, hasDigits = false, isWhole = true
        var exponent = 0, afterPoint = false
        scan: while index < bytes.count {
            switch bytes[index] {
            case let byte where byte &- 0x30 < 10:
                hasDigits = true
                if digits < UInt64.max / 10 - 1 { digits = digits * 10 + UInt64(byte &- 0x30) } else { isWhole = false }
                if afterPoint { exponent -= 1 }
            case 0x2E where !afterPoint:
                afterPoint = true
            default:
                break scan
            }
            index += 1
        }
        guard hasDigits else { return named(bytes) }
        if index < bytes.count {
            guard bytes[index] | 0x20 == 0x65,
                let written = Int(String(decoding: bytes[(index + 1)...], as: UTF8.self))
            else { return nil }
            exponent = exponent.addingReportingOverflow(written).partialValue
        }
        // Both operands are exact, so the quotient or the product is the Double nearest to the number.
        if isWhole && digits <= 1 << 53 && -22...22 ~= exponent {
            let size = exponent < 0 ? Double(digits) / powers[-exponent] : Double(digits) * powers[exponent]
            // Rounding it to Float is correct unless it is exactly halfway between two Floats, since the number itself may not be.
            let isHalfway = size.bitPattern & 0x1FFF_FFFF == 0x1000_0000
            if size == 0 || (size >= Double(Float.leastNormalMagnitude) && !isHalfway) {
                return isNegative ? -Float(size) : Float(size)
            }
        }
        return Float(String(decoding: bytes, as: UTF8.self))
    }

    /// Parses infinity and NaN as programs write them.
    private func named(_ bytes: UnsafeRawBufferPointer) -> Float? {
        guard bytes.count <= 9 else { return nil }
        switch String(decoding: bytes, as: UTF8.self).lowercased().drop(while: { $0 == "+" || $0 == "-" }) {
        case "inf", "infinity": return .infinity
        case "nan": return .nan
        default: return nil
        }
    }
}

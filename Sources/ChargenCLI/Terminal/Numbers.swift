import Chargen

/// Functions that format numbers for people.
enum Numbers {
    /// The number with a comma between groups of three digits: 1234567 gives `1,234,567`.
    static func grouped(_ number: Int) -> String { number.grouped }

    /// The number rounded to `digits` digits after the decimal point: 3.14159 with 2 digits gives `3.14`.
    static func fixed(_ number: Double, _ digits: Int) -> String {
        guard number.isFinite, number.magnitude < 1e15 else { return "\(number)" }
        let unit = (0..<digits).reduce(1) { unit, _ in unit * 10 }
        let scaled = Int((number.magnitude * Double(unit)).rounded())
        let fraction = String(scaled % unit)
        let sign = number < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + grouped(scaled) }
        return sign + grouped(scaled / unit) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// A perplexity, with more decimal places the closer it is to one.
    static func perplexity(_ number: Double) -> String { fixed(number, number < 10 ? 3 : number < 100 ? 2 : 1) }

    /// A duration in seconds: 75.2 gives `1m15s`. A value that is not finite gives `?`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole)s" }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if whole < 3600 { return "\(whole / 60)m\(two(whole % 60))s" }
        return "\(whole / 3600)h\(two(whole / 60 % 60))m"
    }

    /// A number of epochs, without a fraction that is zero.
    static func epochs(_ number: Double) -> String {
        number == number.rounded() ? fixed(number, 0) : "\(number)"
    }

    /// A number of bytes in a suitable unit: 1234567 gives `1.2 MB`.
    static func bytes(_ count: Int) -> String {
        if count < 1000 { return "\(count) B" }
        if count < 1_000_000 { return "\(fixed(Double(count) / 1e3, 0)) kB" }
        return "\(fixed(Double(count) / 1e6, 1)) MB"
    }
}

extension String {
    /// The number of columns that the text takes on a terminal: two for each East Asian character and each emoji, one for any
    /// other character.
    var columns: Int {
        reduce(0) { $0 + ($1.unicodeScalars.contains { Self.isWide($0) } ? 2 : 1) }
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isEmojiPresentation || scalar.value == 0xFE0F
            || [0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60]
                .contains { $0.contains(scalar.value) }
    }
}

import Foundation

/// Numbers as people read them.
enum Numbers {
    /// `1234567.8` as `1,234,568`.
    static func grouped(_ number: Double) -> String {
        guard number.magnitude < 1e15 else { return "\(number)" }
        let digits = String(Int(number.rounded()).magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return number.rounded() < 0 ? "-" + text : text
    }

    /// A number with so many digits after the point.
    static func fixed(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

    /// `0.423` as `42 %`.
    static func percent(_ share: Double) -> String { fixed(share * 100, 0) + " %" }

    /// `2.34` as `2.34×`, with fewer digits the larger it is.
    static func times(_ ratio: Double) -> String { fixed(ratio, ratio < 9.995 ? 2 : 1) + "×" }

    /// FLOP/s in units of 10⁹.
    static func gigaflops(_ operationsPerSecond: Double) -> String { grouped(operationsPerSecond / 1e9) }

    /// `75.2` seconds as `1m15s`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole)s" }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return whole < 3600 ? "\(whole / 60)m\(two(whole % 60))s" : "\(whole / 3600)h\(two(whole / 60 % 60))m"
    }
}

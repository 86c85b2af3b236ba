extension StringProtocol {
    /// The text in quotation marks as one line can show it: control characters escaped, no more than 40 characters.
    package var quoted: String {
        let start = prefix(40)
        let escaped = start.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return "“\(escaped.joined())\(start.endIndex == endIndex ? "" : "…")”"
    }
}

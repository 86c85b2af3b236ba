extension StringProtocol {
    /// The text in quotation marks for a message of one line: at most 40 characters, control characters escaped.
    package var quoted: String {
        let start = prefix(40)
        let escaped = start.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return "“\(escaped.joined())\(start.endIndex == endIndex ? "" : "…")”"
    }
}

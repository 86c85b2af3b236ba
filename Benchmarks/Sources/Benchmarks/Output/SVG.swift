/// An SVG picture, put together from few kinds of parts.
struct SVG {
    /// Where a text's position is.
    enum Anchor: String {
        case start, middle, end
    }

    private let width: Int
    private var parts: [String] = []

    /// An empty picture so many pixels wide.
    init(width: Int) { self.width = width }

    /// Adds a rectangle with rounded corners.
    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, radius: Double, fill: String) {
        parts.append(
            "<rect x=\"\(x.svg)\" y=\"\(y.svg)\" width=\"\(width.svg)\" height=\"\(height.svg)\" rx=\"\(radius.svg)\" "
                + "fill=\"\(fill)\"/>")
    }

    /// Adds a line through `points`.
    mutating func line(_ points: [(x: Double, y: Double)], stroke: String, width: Double) {
        let places = points.map { "\($0.x.svg),\($0.y.svg)" }.joined(separator: " ")
        parts.append(
            "<polyline points=\"\(places)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"\(width.svg)\" "
                + "stroke-linejoin=\"round\"/>")
    }

    /// Adds a dot.
    mutating func circle(x: Double, y: Double, radius: Double, fill: String) {
        parts.append("<circle cx=\"\(x.svg)\" cy=\"\(y.svg)\" r=\"\(radius.svg)\" fill=\"\(fill)\"/>")
    }

    /// Adds a line of text whose baseline is at `y`, with `more` behind it in another colour.
    mutating func text(
        _ text: String, x: Double, y: Double, size: Int, fill: String, bold: Bool = false, anchor: Anchor = .start,
        more: (text: String, fill: String)? = nil
    ) {
        let weight = bold ? " font-weight=\"600\"" : ""
        let tail = more.map { "<tspan dx=\"8\" fill=\"\($0.fill)\">\(Self.escaped($0.text))</tspan>" } ?? ""
        parts.append(
            "<text x=\"\(x.svg)\" y=\"\(y.svg)\" font-size=\"\(size)\" fill=\"\(fill)\"\(weight)"
                + " text-anchor=\"\(anchor.rawValue)\">\(Self.escaped(text))\(tail)</text>")
    }

    /// The file's text, for a picture so many pixels high, on a white card that suits light and dark pages alike.
    /// `description` is for those who cannot see it.
    func document(height: Double, description: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height.svg)" \
        viewBox="0 0 \(width) \(height.svg)" role="img" \
        font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif">
        <title>\(Self.escaped(description))</title>
        <rect x="0.5" y="0.5" width="\(width - 1)" height="\((height - 1).svg)" rx="10" fill="#ffffff" stroke="#d9dde3"/>
        \(parts.joined(separator: "\n"))
        </svg>

        """
    }

    /// `text` without characters that mean something in XML.
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

extension Double {
    /// A length in pixels, as short as a tenth of a pixel allows.
    fileprivate var svg: String {
        let tenths = Int((self * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }
}

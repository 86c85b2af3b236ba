import Foundation

/// The held-out losses of programs over their seconds of training, as a line chart with a logarithmic axis of time.
struct LearningChart {
    private let learning: LearningCurves
    private let times: ClosedRange<Double>
    private let losses: ClosedRange<Double>

    private static let width = 800
    private static let margin = 28.0
    /// The edges of the plot.
    private static let left = 72.0, right = 772.0, top = 150.0, bottom = 490.0
    private static let colours = ["#e8492c", "#39588f"]
    private static let publishedColours = ["#c79a2b", "#4f9a87"]
    private static let ink = "#1f2328"
    private static let faint = "#656d76"
    private static let grid = "#e6e9ed"

    /// The chart of `learning`. It ends above at 1.7 times the lowest loss: what comes before is of no interest.
    init(_ learning: LearningCurves) {
        self.learning = learning
        let points = learning.curves.flatMap(\.points) + learning.published.map(\.point)
        let lowest = points.map(\.loss).min() ?? 1, highest = (lowest * 1.7 * 5).rounded(.up) / 5
        losses = (lowest * 0.97 * 10).rounded(.down) / 10...highest
        let shown = points.filter { $0.loss <= highest }.map { max($0.seconds, 0.01) }
        // On the right there is room for the last loss.
        let end = 1.3 * (shown.max() ?? 1)
        times = (Self.ticks.last { $0 <= shown.min() ?? 1 } ?? 0.01)...(Self.ticks.first { $0 >= end } ?? 50_000)
    }

    /// The times that may be named on the axis: 0.01, 0.02, 0.05, 0.1 … seconds.
    private static let ticks = (-2...4).flatMap { power in [1, 2, 5].map { $0 * pow(10, Double(power)) } }

    /// The SVG file's text.
    var svg: String {
        var picture = SVG(width: Self.width)
        let title = "Loss on held-out text while training on \(learning.text)"
        picture.text(title, x: Self.margin, y: 40, size: 18, fill: Self.ink, bold: true)
        picture.text(
            "\(Numbers.grouped(Double(learning.characters))) characters, the last tenth held out. \(learning.machine). "
                + "Lower is better.",
            x: Self.margin, y: 61, size: 12, fill: Self.faint)
        drawLegend(in: &picture)
        drawAxes(in: &picture)
        for (curve, colour) in zip(learning.curves, Self.colours) { draw(curve, colour, in: &picture) }
        for (published, colour) in zip(learning.published, Self.publishedColours) {
            let point = published.point
            picture.circle(x: x(point.seconds), y: y(point.loss), radius: 5, fill: colour)
        }
        return picture.document(height: Self.bottom + 62, description: title)
    }

    private func x(_ seconds: Double) -> Double {
        let share = log(seconds / times.lowerBound) / log(times.upperBound / times.lowerBound)
        return Self.left + share * (Self.right - Self.left)
    }

    private func y(_ loss: Double) -> Double {
        Self.bottom - (loss - losses.lowerBound) / (losses.upperBound - losses.lowerBound) * (Self.bottom - Self.top)
    }

    /// Draws what the lines and the dots are: the curves in the first row, what was published in the second.
    private func drawLegend(in picture: inout SVG) {
        for (index, curve) in learning.curves.enumerated() {
            let x = Self.margin + 300 * Double(index)
            picture.line([(x, 86), (x + 20, 86)], stroke: Self.colours[index], width: 3)
            picture.text(curve.name, x: x + 28, y: 90.5, size: 13, fill: Self.ink)
        }
        for (index, published) in learning.published.enumerated() {
            let x = Self.margin + 300 * Double(index)
            picture.circle(x: x + 10, y: 108, radius: 5, fill: Self.publishedColours[index])
            let text = "\(published.name): \(Numbers.fixed(published.point.loss, 3))"
            picture.text(text, x: x + 28, y: 112.5, size: 13, fill: Self.ink)
        }
    }

    /// Draws both axes, with a grid line at each number.
    private func drawAxes(in picture: inout SVG) {
        picture.text("Loss in nats per character", x: Self.margin, y: Self.top - 14, size: 12, fill: Self.faint)
        let range = losses.upperBound - losses.lowerBound
        let step = range <= 2.4 ? 0.2 : range <= 6 ? 0.5 : 1
        for index in Int((losses.lowerBound / step).rounded(.up))...Int((losses.upperBound / step + 0.001).rounded(.down)) {
            let loss = Double(index) * step
            picture.line([(Self.left, y(loss)), (Self.right, y(loss))], stroke: Self.grid, width: 1)
            picture.text(Numbers.fixed(loss, 1), x: Self.left - 8, y: y(loss) + 4, size: 12, fill: Self.faint, anchor: .end)
        }
        for seconds in Self.ticks where times.contains(seconds) {
            picture.line([(x(seconds), Self.top), (x(seconds), Self.bottom)], stroke: Self.grid, width: 1)
            picture.text(
                String(format: "%g", seconds), x: x(seconds), y: Self.bottom + 18, size: 12, fill: Self.faint, anchor: .middle)
        }
        picture.text(
            "Seconds of training, on a logarithmic scale", x: (Self.left + Self.right) / 2, y: Self.bottom + 40, size: 12,
            fill: Self.faint, anchor: .middle)
    }

    /// Draws a curve from where it enters the plot, and its last loss.
    private func draw(_ curve: LearningCurve, _ colour: String, in picture: inout SVG) {
        let points = curve.points.map { (x: x(max($0.seconds, 0.01)), y: y($0.loss)) }
        guard let first = points.firstIndex(where: { $0.y >= Self.top && $0.x >= Self.left }), let last = curve.points.last
        else { return }
        var shown = Array(points[first...])
        if first > 0 {
            let (before, entered) = (points[first - 1], points[first])
            // The share of the line from `before` to `entered` that is outside, above or on the left.
            let share = max((Self.top - before.y) / (entered.y - before.y), (Self.left - before.x) / (entered.x - before.x))
            shown.insert((before.x + share * (entered.x - before.x), before.y + share * (entered.y - before.y)), at: 0)
        }
        picture.line(shown.map { ($0.x, max($0.y, Self.top)) }, stroke: colour, width: 2.5)
        guard let end = shown.last else { return }
        picture.circle(x: end.x, y: end.y, radius: 3, fill: colour)
        picture.text(Numbers.fixed(last.loss, 3), x: end.x + 8, y: end.y + 12, size: 12, fill: colour, bold: true)
    }
}

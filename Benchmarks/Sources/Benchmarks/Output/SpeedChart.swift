/// The results as a bar chart: training and sampling side by side, other cells below.
struct SpeedChart {
    let results: Results

    private static let width = 800
    private static let margin = 28.0
    private static let columnWidth = 354.0
    private static let columnGap = 36.0
    /// Room between a row of sections and the headings of the next.
    private static let rowGap = 38.0
    /// Room on the right of the longest bar, for its value.
    private static let valueWidth = 116.0
    private static let legendPitch = 148.0
    private static let barHeight = 14.0
    private static let barPitch = 18.0
    private static let ink = "#1f2328"
    private static let faint = "#656d76"

    /// The SVG file's text.
    var svg: String {
        var picture = SVG(width: Self.width)
        let machine = results.machine
        let title = "Characters per second on \(machine.processor), \(machine.cores) cores"
        picture.text(title, x: Self.margin, y: 40, size: 18, fill: Self.ink, bold: true)
        picture.text(
            "Longer is better. Medians of \(results.roundsText); each group has its own scale; "
                + "× is chargen over the fastest other.",
            x: Self.margin, y: 61, size: 12, fill: Self.faint)
        let sections = ChartSection.all(in: results.comparisons)
        drawLegend(of: sections.flatMap(\.groups), at: 78, in: &picture)
        var top = 126.0, bottom = 0.0
        for (index, section) in sections.enumerated() {
            let isLeft = index.isMultiple(of: 2)
            if isLeft && index > 0 { top = bottom + Self.rowGap }
            let x = isLeft ? Self.margin : Self.margin + Self.columnWidth + Self.columnGap
            bottom = max(bottom, draw(section, x: x, y: top, in: &picture))
        }
        bottom += 12
        for note in notes {
            bottom += 16
            picture.text(note, x: Self.margin, y: bottom, size: 11, fill: Self.faint)
        }
        return picture.document(height: bottom + 20, description: title)
    }

    /// Notes that are needed to interpret the figures.
    private var notes: [String] {
        let training = results.comparisons.filter { $0.comparison.work.cell != nil }
        guard training.contains(where: { ChartGroup($0) != nil }) else { return [] }
        let precision = training.lazy.flatMap(\.measured)
            .first { ChartSeries($0.contestant) == .chargen && $0.precision != nil }?.precision
        return [
            "In training chargen chooses its precision itself, \(precision ?? "float32") here. "
                + "In seed all have the same input;",
            "elsewhere chargen takes one-hot characters and PyTorch an embedding of \(Contestant.embeddingWidth), "
                + "which is faster for it.",
        ]
    }

    /// Draws the legend of what `groups` show.
    private func drawLegend(of groups: [ChartGroup], at y: Double, in picture: inout SVG) {
        let shown = Set(groups.flatMap { $0.bars.map(\.series) })
        var x = Self.margin
        for series in ChartSeries.allCases where shown.contains(series) {
            picture.rectangle(x: x, y: y, width: 12, height: 12, radius: 2, fill: series.colour)
            picture.text(series.name, x: x + 18, y: y + 10.5, size: 13, fill: Self.ink)
            x += Self.legendPitch
        }
    }

    /// Draws a section whose heading's baseline is at `y`.
    /// - Returns: where it ends.
    private func draw(_ section: ChartSection, x: Double, y: Double, in picture: inout SVG) -> Double {
        picture.text(section.heading, x: x, y: y, size: 15, fill: Self.ink, bold: true)
        var top = y + 26
        for group in section.groups {
            picture.text(group.title, x: x, y: top, size: 13, fill: Self.ink)
            if !group.detail.isEmpty {
                picture.text(group.detail, x: x + Self.columnWidth, y: top, size: 11, fill: Self.faint, anchor: .end)
            }
            top += 7
            for bar in group.bars {
                draw(bar, of: group, x: x, y: top, in: &picture)
                top += Self.barPitch
            }
            top += 25
        }
        return top - 25
    }

    /// Draws a bar and its value.
    private func draw(_ bar: ChartGroup.Bar, of group: ChartGroup, x: Double, y: Double, in picture: inout SVG) {
        let isOurs = bar.series == .chargen
        let length = max(2, (Self.columnWidth - Self.valueWidth) * bar.value / group.longest)
        picture.rectangle(x: x, y: y, width: length, height: Self.barHeight, radius: 2, fill: bar.series.colour)
        let lead = isOurs ? group.lead.map { (Numbers.times($0), bar.series.colour) } : nil
        picture.text(
            Numbers.grouped(bar.value), x: x + length + 6, y: y + 11.5, size: 12,
            fill: isOurs ? Self.ink : Self.faint, bold: isOurs, more: lead)
    }
}

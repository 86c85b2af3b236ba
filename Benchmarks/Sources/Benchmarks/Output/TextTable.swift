/// A Markdown table with columns as wide as what they hold, so that it can be read as it is and pasted.
struct TextTable {
    /// A column's heading and side.
    struct Column {
        let heading: String
        let isRight: Bool

        /// A column of words.
        static func left(_ heading: String) -> Column { Column(heading: heading, isRight: false) }
        /// A column of numbers.
        static func right(_ heading: String) -> Column { Column(heading: heading, isRight: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// An empty table.
    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row, a text for each column.
    mutating func add(_ row: [String]) { rows.append(row) }

    /// The table's lines.
    var text: String {
        let widths = columns.indices.map { column in
            max(3, ([columns[column].heading] + rows.map { $0[column] }).map(\.count).max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return columns[column].isRight ? space + cells[column] : cells[column] + space
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = columns.indices.map { column in
            String(repeating: "-", count: widths[column] - 1) + (columns[column].isRight ? ":" : "-")
        }
        return ([line(columns.map(\.heading)), line(rule)] + rows.map(line)).joined(separator: "\n")
    }
}

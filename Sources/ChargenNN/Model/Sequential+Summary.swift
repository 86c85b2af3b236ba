import ChargenTensor

extension Sequential {
    /// A table of the layers, the shapes of their outputs and their parameters, as Keras prints it.
    ///
    /// `None` stands for sizes that the model leaves open: sequences in a batch, and steps.
    public func summary() -> String {
        let rows = zip(names, zip(layers, built)).map { name, both in
            let (layer, built) = both
            let count = built.kerasWeights.reduce(0) { $0 + $1.shape.reduce(1, *) }
            return ["\(name) (\(layer.title))", Self.shape(built.output), count.grouped]
        }
        let header = ["Layer (type)", "Output Shape", "Param #"]
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let text = cells.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - cells[column].count)
                // Numbers end where their column ends.
                return column == 2 ? padding + cells[column] : cells[column] + padding
            }
            return text.joined(separator: "  ")
        }
        let rule = String(repeating: "─", count: widths.reduce(0, +) + 4)
        let frozen = layout.frozenCount
        return ([line(header), rule] + rows.map(line) + [
            rule, "Total params: \(parameterCount.grouped)",
            "Trainable params: \((parameterCount - frozen).grouped)",
            "Non-trainable params: \(frozen.grouped)",
        ]).joined(separator: "\n")
    }

    private static func shape(_ shape: SignalShape) -> String {
        "(None, \(shape.hasTime ? "None, " : "")\(shape.width ?? 0))"
    }
}

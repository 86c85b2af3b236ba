/// The time of each part of a training step, as a table.
struct ProfileText {
    let configuration: TrainingConfiguration
    let figure: TrainingFigure

    /// The table, below a line that describes the measurement.
    var text: String {
        let sum = figure.parts.reduce(0) { $0 + $1.1 }
        var table = TextTable([.left("part"), .right("share"), .right("seconds")])
        for (name, seconds) in figure.parts {
            table.add([name, sum > 0 ? Numbers.fixed(seconds / sum * 100, 1) + " %" : "", Numbers.fixed(seconds, 3)])
        }
        let work = Work.training(configuration)
        let speed = "\(Numbers.grouped(figure.speed)) characters/s"
        return "\(work.name): \(work.modelText), \(figure.precision), \(speed)\n\n\(table.text)"
    }
}

/// The result of one measurement of chargen's training.
struct TrainingFigure {
    /// Characters or examples trained per second.
    let speed: Double
    /// The precision of the products, `float32` or `bfloat16`: also if it was chosen automatically.
    let precision: String
    /// Seconds by part of a step, over the whole measurement; empty unless they were asked for.
    let parts: [(String, Double)]
}

import ChargenTensor

/// Values drawn evenly from ±√(3 / fan-in), so that a unit's input has variance one when its inputs have (LeCun, Bottou,
/// Orr and Müller, "Efficient BackProp", 1998, section 4.6).
struct LeCunUniform {
    /// Inputs of a unit that are not zero at once.
    var fanIn: Int

    func fill(_ matrix: Matrix, using random: inout RandomSource) {
        let limit = (3 / Float(fanIn)).squareRoot()
        matrix.assign((0..<matrix.count).map { _ in random.uniform(in: -limit..<limit) })
    }
}

extension Array {
    /// Shuffles the elements. The same generator gives the same order in every version.
    package mutating func shuffleReproducibly(using generator: inout some RandomNumberGenerator) {
        // This is the Fisher–Yates shuffle; the standard library's may use its random numbers differently in a later version.
        for last in stride(from: count - 1, to: 0, by: -1) {
            swapAt(last, Int(generator.next().multipliedFullWidth(by: UInt64(last + 1)).high))
        }
    }
}

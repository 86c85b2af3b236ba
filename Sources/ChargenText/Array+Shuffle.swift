extension Array {
    /// Brings the elements into an order drawn from `generator`, the same for the same generator ever after.
    package mutating func shuffleReproducibly(using generator: inout some RandomNumberGenerator) {
        // Fisher and Yates's shuffle, spelled out: the standard library's may draw differently in a later version.
        for last in stride(from: count - 1, to: 0, by: -1) {
            swapAt(last, Int(generator.next().multipliedFullWidth(by: UInt64(last + 1)).high))
        }
    }
}

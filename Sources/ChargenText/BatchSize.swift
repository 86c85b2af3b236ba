/// A check of the size of batches, shared by the types that make them.
enum BatchSize {
    /// Checks that a text of `length` tokens is long enough for one batch and the token after it.
    /// - Throws: ``TextError/tooShort(characters:required:batchSize:steps:)``,
    ///   ``TextError/batchOutOfRange(batchSize:steps:)``.
    static func check(batchSize: Int, steps: Int, length: Int) throws {
        guard batchSize >= 1, steps >= 1 else {
            throw TextError.batchOutOfRange(batchSize: batchSize, steps: steps)
        }
        guard length - 1 >= batchSize * steps else {
            throw TextError.tooShort(
                characters: length, required: batchSize * steps + 1, batchSize: batchSize, steps: steps)
        }
    }
}

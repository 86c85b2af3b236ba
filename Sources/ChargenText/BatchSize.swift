/// The size that batches are asked to have.
enum BatchSize {
    /// Makes sure that a text of `length` tokens holds one batch and the token after it.
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

/// The size that batches are asked to have.
package enum BatchSize {
    /// Makes sure that a text of `length` tokens holds one batch and the token after it.
    /// - Throws: ``TextError/tooShort(characters:required:batchSize:steps:)``,
    ///   ``TextError/batchOutOfRange(batchSize:steps:)``.
    package static func check(batchSize: Int, steps: Int, length: Int) throws {
        guard batchSize >= 1, steps >= 1 else {
            throw TextError.batchOutOfRange(batchSize: batchSize, steps: steps)
        }
        // The product of two large numbers may be no number at all.
        let (size, overflow) = batchSize.multipliedReportingOverflow(by: steps)
        let required = overflow || size == .max ? Int.max : size + 1
        guard length >= required else {
            throw TextError.tooShort(characters: length, required: required, batchSize: batchSize, steps: steps)
        }
    }
}

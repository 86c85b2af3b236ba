import ChargenNN

extension TrainingOptions {
    /// Makes sure that every option is in its range, whatever the text.
    /// - Throws: ``TrainingError/outOfRange(option:value:allowed:)``.
    public func validate() throws {
        func require(_ condition: Bool, _ option: String, _ value: Any, _ allowed: String) throws {
            if !condition { throw TrainingError.outOfRange(option: option, value: "\(value)", allowed: allowed) }
        }
        func require(_ range: ClosedRange<Int>, _ option: String, _ value: Int) throws {
            try require(range ~= value, option, value, "\(range.lowerBound) to \(range.upperBound)")
        }
        try require(RNNConfiguration.hiddenSizeRange, "hidden", hiddenSize)
        try require(RNNConfiguration.layersRange, "layers", layers)
        if let size = embeddingSize { try require(RNNConfiguration.embeddingSizeRange, "embedding", size) }
        for (option, rate) in [("dropout", dropout), ("recurrent-dropout", recurrentDropout)] {
            try require(rate >= 0 && rate <= 0.95, option, rate, "0 to 0.95")
        }
        if let size = batchSize { try require(1...65_536, "batch-size", size) }
        if let steps { try require(1...65_536, "steps", steps) }
        if let epochs { try require(1...1_000_000, "epochs", epochs) }
        if let rate = learningRate {
            try require(rate > 0 && rate <= 1000, "learning-rate", rate, "above 0, up to 1000")
        }
        try require(
            clipNorm >= 0 && clipNorm.isFinite, "clip-norm", clipNorm,
            "0 (no limit) or more")
        if let value = clipValue {
            try require(value > 0 && value.isFinite, "clip-value", value, "a number above 0")
        }
        if let share = validation { try require(share >= 0 && share <= 0.9, "validation", share, "0 to 0.9") }
    }
}

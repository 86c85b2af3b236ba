import ChargenModels

extension SamplingOptions {
    /// Returns the filters for the options, in the order in which they are applied.
    /// - Throws: ``SamplingError`` if an option is out of range.
    public func filters() throws -> [any LogitsFilter] {
        // The range is checked whether or not the option is used.
        let temperature = try TemperatureFilter(temperature)
        if greedy { return [try TopKFilter(1)] }
        var filters: [any LogitsFilter] = [temperature]
        if let topK { filters.append(try TopKFilter(topK)) }
        if let topP { filters.append(try TopPFilter(topP)) }
        return filters
    }
}

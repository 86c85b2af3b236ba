import ChargenModels

extension SamplingOptions {
    /// Returns the filters for the options, in the order in which they are applied.
    /// - Throws: ``SamplingError`` if an option is out of range.
    public func filters() throws -> [any LogitsFilter] {
        var filters: [any LogitsFilter] = [try TemperatureFilter(temperature)]
        if let topK { filters.append(try TopKFilter(topK)) }
        if let topP { filters.append(try TopPFilter(topP)) }
        return filters
    }
}

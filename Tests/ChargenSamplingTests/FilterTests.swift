import ChargenModels
import ChargenSampling
import ChargenTestSupport
import Testing

@Suite struct FilterTests {
    private let logits: [Float] = [1, 3, -2, 3, 0.5]

    private func applied(_ filter: some LogitsFilter) -> [Float] {
        var logits = logits
        filter.apply(to: &logits)
        return logits
    }

    @Test func temperature() throws {
        expectClose(applied(try TemperatureFilter(0.5)), [2, 6, -4, 6, 1], absolute: 1e-6)
        for bad in [0, -1, .nan, .infinity, 0.009] {
            #expect(throws: SamplingError.self) { try TemperatureFilter(bad) }
        }
    }

    @Test func topK() throws {
        #expect(applied(try TopKFilter(1)) == [-.infinity, 3, -.infinity, -.infinity, -.infinity])
        #expect(applied(try TopKFilter(3)) == [1, 3, -.infinity, 3, -.infinity])
        #expect(applied(try TopKFilter(5)) == logits)
        #expect(applied(try TopKFilter(50)) == logits)
        #expect(throws: SamplingError.self) { try TopKFilter(0) }
    }

    @Test func topP() throws {
        // Probabilities about 0.061, 0.450, 0.003, 0.450, 0.037.
        #expect(applied(try TopPFilter(0.3)) == [-.infinity, 3, -.infinity, -.infinity, -.infinity])
        #expect(applied(try TopPFilter(0.8)) == [-.infinity, 3, -.infinity, 3, -.infinity])
        #expect(applied(try TopPFilter(0.95)) == [1, 3, -.infinity, 3, -.infinity])
        #expect(applied(try TopPFilter(0.98)) == [1, 3, -.infinity, 3, 0.5])
        #expect(applied(try TopPFilter(1)) == logits)
        for bad in [0, -0.1, 1.1, .nan] { #expect(throws: SamplingError.self) { try TopPFilter(bad) } }
    }

    /// A filter that comes later must live with what an earlier one struck out.
    @Test func topPAfterTopK() throws {
        var logits = logits
        try TopKFilter(2).apply(to: &logits)
        try TopPFilter(0.9).apply(to: &logits)
        #expect(logits == [-.infinity, 3, -.infinity, 3, -.infinity])
    }
}

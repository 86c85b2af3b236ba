import ChargenModels
import ChargenModels
import ChargenSampling
import ChargenTensor
import ChargenTestSupport
import Testing

@Suite struct FilterTests {
    private let logits: [Float] = [1, 3, -2, 3, 0.5]

    private func applied(_ filter: some LogitsFilter) -> [Float] {
        var logits = logits
        var context = FilterContext()
        filter.apply(to: &logits, &context)
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
        var context = FilterContext()
        try TopKFilter(2).apply(to: &logits, &context)
        try TopPFilter(0.9).apply(to: &logits, &context)
        #expect(logits == [-.infinity, 3, -.infinity, 3, -.infinity])
    }

    /// Selection by a heap keeps what sorting keeps, ties and struck-out tokens included.
    @Test(arguments: [1, 2, 3, 17, 64, 301]) func selectionIsThatOfSorting(_ V: Int) throws {
        var random = RandomSource(seed: UInt64(V))
        for round in 0..<40 {
            // Few different values, so that many are equal.
            let logits = (0..<V).map { _ in
                round % 2 == 1 && random.next() % 3 == 0 ? -Float.infinity : Float(random.next() % 7)
            }
            let order = logits.indices.filter { logits[$0] > -.infinity }
                .sorted { logits[$0] == logits[$1] ? $0 < $1 : logits[$0] > logits[$1] }
            let k = 1 + Int(random.next() % UInt64(V))
            func kept(_ filter: some LogitsFilter) -> [Int] {
                var found = logits, context = FilterContext()
                filter.apply(to: &found, &context)
                #expect(found.indices.allSatisfy { found[$0] == logits[$0] || found[$0] == -.infinity })
                return found.indices.filter { found[$0] > -.infinity }
            }
            if k < V { #expect(kept(try TopKFilter(k)) == order.prefix(k).sorted()) }
            guard !order.isEmpty else { continue }
            let p = 0.05 + 0.9 * random.uniform()
            let weights = order.map { exponential(Double(logits[$0] - logits[order[0]])) }
            var sum = 0.0
            let count = weights.firstIndex { sum += $0; return sum >= p * weights.reduce(0, +) }!
            // A sum that equals the limit up to rounding may go either way.
            let found = kept(try TopPFilter(p)).count
            #expect(abs(found - (count + 1)) <= (abs(sum - p * weights.reduce(0, +)) < 1e-9 ? 1 : 0))
            #expect(kept(try TopPFilter(p)) == order.prefix(found).sorted())
        }
    }
}

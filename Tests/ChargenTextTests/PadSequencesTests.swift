import ChargenTensor
import ChargenTestSupport
import ChargenText
import Testing

@Suite struct PadSequencesTests {
    let sequences: [[Int32]] = [[1], [2, 3], [4, 5, 6]]

    @Test(arguments: LayerGolden.cases(of: "PadSequences")) func asInKeras(_ golden: LayerGolden) throws {
        let padded = padSequences(
            try #require(golden.sequences), maxLength: golden.maxlen,
            padding: try #require(PaddingSide(rawValue: golden.padding ?? "")),
            truncating: try #require(PaddingSide(rawValue: golden.truncating ?? "")), value: try #require(golden.value))
        #expect((0..<padded.count).map { Array(padded[$0]) } == golden.expected)
    }

    /// The examples in Keras's documentation of `pad_sequences`.
    @Test func kerasExamples() {
        #expect(padSequences(sequences).tokens == [0, 0, 1, 0, 2, 3, 4, 5, 6])
        #expect(padSequences(sequences, value: -1).tokens == [-1, -1, 1, -1, 2, 3, 4, 5, 6])
        #expect(padSequences(sequences, padding: .post).tokens == [1, 0, 0, 2, 3, 0, 4, 5, 6])
        #expect(padSequences(sequences, maxLength: 2).tokens == [0, 1, 2, 3, 5, 6])
    }

    @Test func eachSideOfEach() {
        #expect(padSequences(sequences, maxLength: 2, truncating: .post).tokens == [0, 1, 2, 3, 4, 5])
        #expect(padSequences(sequences, maxLength: 2, padding: .post).tokens == [1, 0, 2, 3, 5, 6])
        #expect(padSequences(sequences, maxLength: 2, padding: .post, truncating: .post).tokens == [1, 0, 2, 3, 4, 5])
        #expect(padSequences([[1]], maxLength: 4).tokens == [0, 0, 0, 1])
    }

    @Test func nothingToPad() {
        #expect(padSequences([]).tokens.isEmpty && padSequences([]).count == 0 && padSequences([]).steps == 0)
        #expect(padSequences([[], []]).tokens.isEmpty && padSequences([[], []]).count == 2)
        #expect(padSequences([[], [7]]).tokens == [0, 7])
        #expect(padSequences(sequences, maxLength: 0).steps == 0)
        #expect(padSequences(sequences, maxLength: 0)[2].isEmpty)
    }

    /// Each row is the sequence's own end (or start), with nothing but padding beside it.
    @Test(arguments: PaddingSide.allCases, PaddingSide.allCases)
    func laws(_ padding: PaddingSide, _ truncating: PaddingSide) {
        var random = RandomSource(seed: 1)
        let sequences = (0..<50).map { _ in (0..<Int(random.next() % 9)).map { _ in Int32(random.next() % 100) + 1 } }
        for maxLength in [nil, 0, 1, 5, 12] as [Int?] {
            let padded = padSequences(sequences, maxLength: maxLength, padding: padding, truncating: truncating)
            let steps = maxLength ?? sequences.map(\.count).max()!
            #expect(padded.count == sequences.count && padded.steps == steps)
            #expect(padded.tokens.count == padded.count * steps)
            for (row, sequence) in sequences.enumerated() {
                let kept = Array(padded[row].filter { $0 != 0 })
                #expect(kept == Array(truncating == .pre ? sequence.suffix(steps) : sequence.prefix(steps)))
                #expect(padded[row].elementsEqual(
                    padding == .pre
                        ? [Int32](repeating: 0, count: steps - kept.count) + kept
                        : kept + [Int32](repeating: 0, count: steps - kept.count)))
            }
        }
    }
}

import ChargenNN
import ChargenTensor
import Testing

/// The parts of the buffer that training changes, and those of them that weight decay applies to.
@Suite struct ParameterLayoutTests {
    private typealias Run = ParameterLayout.Run

    /// Adds a parameter `[3, 5]`, which takes 16 numbers of the buffer with its padding.
    private func layout(_ entries: (isTrained: Bool, decays: Bool)...) -> ParameterLayout {
        var layout = ParameterLayout()
        for (number, entry) in entries.enumerated() {
            _ = layout.add("\(number)", rows: 3, columns: 5, isTrained: entry.isTrained, decays: entry.decays)
        }
        return layout
    }

    private func runs(_ layout: ParameterLayout, splitByDecay: Bool) -> [String] {
        layout.trainedRuns(splitByDecay: splitByDecay).map { "\($0.range) \($0.decays)" }
    }

    @Test func runsMerge() {
        let all = layout((true, true), (true, false), (true, true))
        #expect(runs(all, splitByDecay: false) == ["0..<48 false"])
        #expect(runs(all, splitByDecay: true) == ["0..<16 true", "16..<32 false", "32..<48 true"])
        let alike = layout((true, true), (true, true), (true, false), (true, false))
        #expect(runs(alike, splitByDecay: true) == ["0..<32 true", "32..<64 false"])
    }

    @Test func frozenParametersEndARun() {
        let middle = layout((true, true), (false, true), (true, true), (true, false))
        #expect(runs(middle, splitByDecay: false) == ["0..<16 false", "32..<64 false"])
        #expect(runs(middle, splitByDecay: true) == ["0..<16 true", "32..<48 true", "48..<64 false"])
        #expect(runs(layout((false, true), (true, false)), splitByDecay: false) == ["16..<32 false"])
        #expect(runs(layout((true, false), (false, false)), splitByDecay: true) == ["0..<16 false"])
        #expect(runs(layout((false, true), (false, false)), splitByDecay: false).isEmpty)
        #expect(runs(ParameterLayout(), splitByDecay: true).isEmpty)
    }

    /// Runs hold the padding between parameters, and nothing of a frozen one.
    @Test func runsHoldThePadding() {
        var layout = ParameterLayout()
        _ = layout.add("a", rows: 2, columns: 9)
        _ = layout.add("b", rows: 1, columns: 7, decays: false)
        _ = layout.add("c", rows: 4, columns: 11, isTrained: false)
        _ = layout.add("d", rows: 1, columns: 33)
        #expect(layout.entries.map(\.offset) == [0, 32, 48, 96] && layout.bufferCount == 144)
        #expect(layout.parameterCount == 102 && layout.frozenCount == 44)
        #expect(runs(layout, splitByDecay: false) == ["0..<48 false", "96..<144 false"])
        #expect(runs(layout, splitByDecay: true) == ["0..<32 true", "32..<48 false", "96..<144 true"])
    }

    /// Weight decay applies to kernels and embeddings, and to no bias.
    @Test func biasesDoNotDecay() throws {
        let layers: [any Layer] = [
            Embedding(inputDim: 11, outputDim: 3), LSTM(units: 4, returnSequences: true),
            Bidirectional(GRU(units: 5, returnSequences: true)), GRU(units: 6, resetAfter: false, returnSequences: true),
            SimpleRNN(units: 7), Dense(units: 2),
        ]
        let entries = try Sequential(layers).layout.entries
        let biases = entries.filter { $0.rows == 1 }
        #expect(biases.count == 8 && biases.allSatisfy { !$0.decays && $0.name.contains("bias") })
        #expect(entries.filter { $0.rows > 1 }.allSatisfy { $0.decays && !$0.name.contains("bias") })
        #expect(entries.allSatisfy { $0.isTrained })
        let frozen = try Sequential([Embedding(weights: Tensor(zeros: [11, 3])), SimpleRNN(units: 7)]).layout
        #expect(frozen.entries.map(\.isTrained) == [false, true, true, true] && frozen.frozenCount == 33)
    }
}

import ChargenNN
import ChargenTraining
import Testing

/// What is chosen where the options leave it open.
@Suite struct TrainingPlanTests {
    private func plan(
        _ characters: Int, operations: Double? = nil, _ change: (inout TrainingOptions) -> Void = { _ in }
    ) throws -> TrainingPlan {
        var options = TrainingOptions()
        change(&options)
        return try TrainingPlan(options: options, characters: characters, vocabularySize: 71, operations: operations)
    }

    @Test(arguments: [RNNConfiguration.Cell.lstm, .gru, .rnn]) func aNamedCellIsPlain(_ cell: RNNConfiguration.Cell) throws {
        let plan = try plan(900_000) { $0.cell = cell }
        #expect(plan.cell == cell && !plan.layerNorm && plan.dropout == 0 && plan.recurrentDropout == 0)
        #expect(plan.optimizer == .adam && plan.hiddenSize == 256 && plan.layers == 1 && plan.learningRate == 0.01)
        #expect(plan.reasons.isEmpty && plan.expectedLoss(counting: 1.5) == nil)
    }

    @Test func otherwiseItIsChosen() throws {
        let plan = try plan(900_000)
        #expect(plan.cell == .mlstm && plan.layerNorm && plan.optimizer == .adamw && plan.weightDecay == 0.1)
        #expect(plan.reasons.count == 3 && plan.reasons.allSatisfy { $0.hasSuffix(".") })
        let expected = try #require(plan.expectedLoss(counting: 1.5))
        #expect(expected.contains(1.36) && expected.upperBound < 1.5)
    }

    /// The same text gives the same plan, whatever the machine: nothing is measured.
    @Test func withoutATimeLimitItFollowsFromTheText() throws {
        #expect(try plan(400_000) == plan(400_000))
        #expect(try plan(400_000).hiddenSize < plan(4_000_000).hiddenSize)
    }

    @Test func moreOperationsTrainLargerNetworksOnMoreCharacters() throws {
        let plans = try [3e11, 3e12, 3e13, 3e14].map { try plan(2_000_000, operations: $0) }
        for (less, more) in zip(plans, plans.dropFirst()) {
            #expect(less.hiddenSize < more.hiddenSize && less.epochs < more.epochs)
            #expect(less.dropout <= more.dropout && less.recurrentDropout <= more.recurrentDropout)
            #expect(less.learningRate > more.learningRate)
            #expect(less.expectedLoss(counting: 2)!.upperBound > more.expectedLoss(counting: 2)!.upperBound)
        }
        #expect(plans[0].epochs < 1 && plans[0].dropout == 0 && plans[3].dropout > 0.3)
    }

    /// However long it may train, a text is not read more often than it is worth.
    @Test func passesAreLimited() throws {
        let plan = try plan(500_000, operations: 1e18)
        #expect(plan.epochs == 16 && plan.dropout == 0.5 && plan.recurrentDropout > 0.2 && plan.recurrentDropout <= 0.3)
    }

    @Test(arguments: [5000, 30_000, 99_000]) func shortTextsAreReadUntilTheirLinesCanBeWritten(_ characters: Int) throws {
        let plan = try plan(characters)
        #expect(plan.hiddenSize == 256 && 20...60 ~= plan.epochs && !plan.isLongEnoughToGeneralize)
        #expect(plan.expectedLoss(counting: 2) == nil)
    }

    /// Every choice can be overridden, and the others still fit.
    @Test func whatIsAskedForIsTaken() throws {
        let asked = try plan(900_000) {
            $0.hiddenSize = 77
            $0.layers = 2
            $0.layerNorm = false
            $0.dropout = 0.17
            $0.recurrentDropout = 0.03
            $0.optimizer = .rmsprop
            $0.weightDecay = 0.2
            $0.learningRate = 0.004
            $0.batchSize = 9
            $0.steps = 21
            $0.epochs = 1.5
        }
        #expect(asked.cell == .mlstm && asked.hiddenSize == 77 && asked.layers == 2 && !asked.layerNorm)
        #expect(asked.dropout == 0.17 && asked.recurrentDropout == 0.03 && asked.optimizer == .rmsprop)
        #expect(asked.weightDecay == 0.2 && asked.learningRate == 0.004 && asked.batchSize == 9 && asked.steps == 21)
        #expect(asked.epochs == 1.5 && asked.reasons.isEmpty == false)
        // Dropout follows the number of passes that is asked for.
        let few = try plan(900_000) { $0.epochs = 1 }, many = try plan(900_000) { $0.epochs = 9 }
        #expect(few.dropout == 0 && many.dropout > 0.4)
        let small = try plan(900_000) { $0.hiddenSize = 64 }, large = try plan(900_000) { $0.hiddenSize = 1024 }
        #expect(small.epochs > large.epochs)
    }
}

import CChargenKernels
import ChargenTensor
import ChargenTestSupport
import Testing

/// Activations and dropout of whole rows, against their scalar twins and by what they are for.
@Suite struct ActivationTwinTests {
    typealias Table = KernelTwinTests.Table
    static let tables = KernelTwinTests.tables
    static let scalar = KernelTwinTests.scalar
    static let activations = [CK_LINEAR, CK_SIGMOID, CK_HARD_SIGMOID, CK_TANH, CK_RELU]

    private func numbers(_ count: Int, seed: UInt64, scale: Float) -> [Float] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in random.uniform(in: -scale..<scale) }
    }

    /// `special` numbers at every third place of random ones.
    private func numbers(_ count: Int, with special: [Float], seed: UInt64, scale: Float) -> [Float] {
        var values = numbers(count, seed: seed, scale: scale)
        for place in stride(from: 0, to: count, by: 3) { values[place] = special[place / 3 % special.count] }
        return values
    }

    @Test(arguments: tables) func activate(_ table: Table) {
        // Where the hard sigmoid bends, and where e^x leaves the numbers that there are.
        let special: [Float] = [0, 3, -3, 1e-5, 20, -20, 100, -100, .infinity, -.infinity]
        for activation in Self.activations {
            for count in KernelTwinTests.counts {
                let x = numbers(count + 1, with: special, seed: 71, scale: 6)
                func run(_ kernels: ck_kernels) -> [Float] {
                    var x = x
                    kernels.activate(count, activation, &x)
                    return x
                }
                // Infinity less itself is nothing to compare.
                let (found, expected) = (run(table.kernels), run(Self.scalar.kernels))
                #expect(zip(found, expected).allSatisfy { $0.isFinite == $1.isFinite && ($0.isFinite || $0 == $1) })
                expectClose(
                    found.filter(\.isFinite), expected.filter(\.isFinite), absolute: 1e-7, relative: 2e-6,
                    "activation \(activation.rawValue) of \(count)")
            }
        }
    }

    @Test(arguments: tables) func differentiate(_ table: Table) {
        for activation in Self.activations {
            for count in KernelTwinTests.counts {
                let y = numbers(count + 1, with: [0, 1, -1, 0.5], seed: 72, scale: 1.5)
                let gradient = numbers(count + 1, seed: 73, scale: 4)
                func run(_ kernels: ck_kernels) -> [Float] {
                    var gradient = gradient
                    kernels.differentiate(count, activation, y, &gradient)
                    return gradient
                }
                expectClose(
                    run(table.kernels), run(Self.scalar.kernels), absolute: 1e-6, relative: 1e-6,
                    "derivative \(activation.rawValue) of \(count)")
            }
        }
    }

    /// The derivative at a value is how much the value changes.
    @Test(arguments: tables + [scalar], activations) func derivativesAreThose(_ table: Table, _ activation: ck_activation) {
        let x = numbers(100, seed: 77, scale: 4), change: Float = 1.0 / 128
        func activated(_ shift: Float) -> [Float] {
            var x = x.map { $0 + shift }
            table.kernels.activate(x.count, activation, &x)
            return x
        }
        var gradient = [Float](repeating: 1, count: x.count)
        table.kernels.differentiate(x.count, activation, activated(0), &gradient)
        // Not where a line bends.
        let smooth = x.indices.filter { abs(x[$0]) > 0.02 && abs(abs(x[$0]) - 3) > 0.02 }
        let quotients = zip(activated(change), activated(-change)).map { ($0 - $1) / (2 * change) }
        expectClose(smooth.map { gradient[$0] }, smooth.map { quotients[$0] }, absolute: 2e-4)
    }

    // MARK: Dropout

    private func dropped(
        _ table: Table, _ values: [Float], seed: UInt64, first: UInt32 = 0, threshold: UInt32, scale: Float = 1
    ) -> [Float] {
        var result = [Float](repeating: 7, count: values.count + 1)
        table.kernels.dropout.0!(values.count, seed, first, threshold, scale, values, &result)
        #expect(result.removeLast() == 7)
        return result
    }

    private func ones(_ count: Int) -> [Float] { [Float](repeating: 1, count: count) }

    /// Bit for bit the same everywhere, in float32 and in bfloat16.
    @Test(arguments: tables) func dropout(_ table: Table) {
        for count in KernelTwinTests.counts {
            for (seed, first) in [(5, 0), (0x1234_5678_9ABC_DEF0, 3), (1 << 40, .max - 8)] as [(UInt64, UInt32)] {
                let values = numbers(count, seed: 74, scale: 1), threshold: UInt32 = 1 << 30
                func whole(_ table: Table) -> [Float] {
                    dropped(table, values, seed: seed, first: first, threshold: threshold, scale: 4.0 / 3)
                }
                let expected = whole(Self.scalar)
                #expect(whole(table) == expected, "\(count)")
                let halves = values.map { UInt16($0.bitPattern >> 16) }
                func narrow(_ table: Table) -> [UInt16] {
                    var result = [UInt16](repeating: 7, count: count + 1)
                    table.kernels.dropout.1!(count, seed, first, threshold, 4.0 / 3, halves, &result)
                    return result
                }
                let found = narrow(table)
                #expect(found == narrow(Self.scalar) && found[count] == 7, "bfloat16, \(count)")
                #expect(zip(found, expected).allSatisfy { ($0 == 0) == ($1 == 0) }, "what is dropped, \(count)")
            }
        }
    }

    @Test(arguments: tables + [scalar]) func dropoutDependsOnSeedAndPlaceAlone(_ table: Table) {
        let half: UInt32 = 1 << 31, values = ones(1000)
        let pattern = dropped(table, values, seed: 1, threshold: half)
        #expect(dropped(table, values, seed: 1, threshold: half) == pattern)
        // In parts, too.
        #expect(dropped(table, ones(963), seed: 1, first: 37, threshold: half) == Array(pattern[37...]))
        for seed in [2, 1 << 31, 1 + 1 << 32, 1 + 1 << 63] as [UInt64] {
            let other = dropped(table, values, seed: seed, threshold: half)
            // Half agree by chance, within six standard deviations.
            let agreeing = zip(pattern, other).count { $0 == $1 }
            #expect(abs(agreeing - 500) < 95, "seed \(seed)")
        }
    }

    @Test(arguments: tables + [scalar]) func dropoutKeepsTheExpectation(_ table: Table) {
        let count = 100_000
        for rate in [0.1, 0.5, 0.8] {
            for seed in [0, 1, 0xDEAD_BEEF_0000_0001] as [UInt64] {
                let threshold = UInt32(rate * 0x1p32), scale = Float(1 / (1 - rate))
                let found = dropped(table, ones(count), seed: seed, threshold: threshold, scale: scale)
                #expect(found.allSatisfy { $0 == 0 || $0 == scale })
                let kept = found.map { $0 != 0 }
                // Six standard deviations.
                func expectShare(_ share: Double, _ number: Int, _ what: String) {
                    let deviation = (share * (1 - share) / Double(count)).squareRoot()
                    #expect(abs(Double(number) / Double(count) - share) < 6 * deviation, "\(what), \(rate), seed \(seed)")
                }
                expectShare(1 - rate, kept.count { $0 }, "kept")
                // Neighbours are dropped independently of each other, and so are those of the next row of 128.
                for step in [1, 2, 128] {
                    let both = kept.indices.count { kept[$0] && kept[($0 + step) % count] }
                    expectShare((1 - rate) * (1 - rate), both, "both of two, \(step) apart")
                }
            }
        }
        #expect(dropped(table, ones(100), seed: 3, threshold: 0, scale: 1) == ones(100))
    }

    /// What is dropped is zero, even if it is no number.
    @Test(arguments: tables + [scalar]) func dropoutOfNaN(_ table: Table) {
        let values = [Float](repeating: .nan, count: 50), pattern = dropped(table, ones(50), seed: 9, threshold: 1 << 31)
        let found = dropped(table, values, seed: 9, threshold: 1 << 31)
        #expect(zip(found, pattern).allSatisfy { $1 == 0 ? $0 == 0 : $0.isNaN })
    }
}

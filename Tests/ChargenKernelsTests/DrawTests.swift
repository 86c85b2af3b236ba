import CChargenKernels
import ChargenTensor
import ChargenTestSupport
import Testing

/// The draw of an index from weights, against sums in their order.
@Suite struct DrawTests {
    private func weights(_ count: Int, seed: UInt64, zeros: UInt64) -> [Float] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in random.next() % 10 < zeros ? 0 : Float(random.uniform()) }
    }

    /// Whole and partial blocks; targets in the middle of each weight, where rounding does not matter.
    @Test(arguments: [0, 3, 9] as [UInt64]) func firstIndexWhoseSumExceedsTheTarget(_ zeros: UInt64) {
        for count in [1, 2, 15, 63, 64, 65, 127, 128, 200, 1027] {
            let weights = weights(count, seed: UInt64(count) + zeros, zeros: zeros)
            var sum = 0.0
            for (index, weight) in weights.enumerated() {
                if weight > 1e-3 {
                    #expect(ck_draw(count, weights, sum + Double(weight) / 2) == index, "\(index) of \(count)")
                }
                sum += Double(weight)
            }
        }
    }

    /// A target that rounding put at the sum or above it gives the last weight that is not zero.
    @Test func targetsBeyondTheSum() {
        for count in [1, 5, 64, 65, 130, 192] {
            for last in [0, count / 2, count - 1] {
                var weights = [Float](repeating: 0, count: count)
                weights[0] = 0.25
                weights[last] = 0.5
                #expect(ck_draw(count, weights, 0.75) == last, "\(last) of \(count)")
                #expect(ck_draw(count, weights, 100) == last)
            }
            #expect(ck_draw(count, [Float](repeating: 0, count: count), 0) == 0)
        }
    }
}

import ChargenTensor

/// Interpolated modified Kneser-Ney as the paper defines it, slowly: for each n-gram a key of a dictionary.
struct DirectKneserNey {
    let order: Int
    let V: Int
    /// The adjusted counts of the n-grams of each length: `counts[k]` is those of k tokens.
    var counts: [[[Int32]: Int]]
    /// D₁, D₂ and D₃₊ for each length.
    var discounts: [[Double]] = []

    init(_ text: [Int32], V: Int, order: Int) {
        self.order = order
        self.V = V
        counts = Array(repeating: [:], count: order + 1)
        if text.count >= order {
            for start in 0...(text.count - order) { counts[order][Array(text[start..<start + order]), default: 0] += 1 }
        }
        for length in 1..<max(order, 1) where text.count > length {
            // The distinct tokens before each n-gram of this length.
            var before: [[Int32]: Set<Int32>] = [:]
            for start in 1...(text.count - length) {
                before[Array(text[start..<start + length]), default: []].insert(text[start - 1])
            }
            counts[length] = before.mapValues(\.count)
        }
        for length in 0...order {
            let n = (0...4).map { j in Double(counts[length].values.filter { $0 == j }.count) }
            let Y = n[1] / (n[1] + 2 * n[2])
            let D = [1 - 2 * Y * n[2] / n[1], 2 - 3 * Y * n[3] / n[2], 3 - 4 * Y * n[4] / n[3]]
            let isUsable = n[1...].allSatisfy { $0 > 0 } && D.allSatisfy { $0 > 0 }
            discounts.append(isUsable ? D : [0.5, 1, 1.5])
        }
    }

    /// The probability of `token` after all of `context`, whose length is at most order − 1.
    func probability(of token: Int32, after context: [Int32]) -> Double {
        let lower = context.isEmpty ? 1 / Double(V) : probability(of: token, after: Array(context.dropFirst()))
        let length = context.count + 1
        let following = (0..<Int32(V)).map { counts[length][context + [$0]] ?? 0 }
        let total = Double(following.reduce(0, +))
        guard total > 0 else { return lower }
        let D = discounts[length]
        let gamma = (1...3).map { j in
            D[j - 1] * Double(following.filter { j < 3 ? $0 == j : $0 >= 3 }.count)
        }.reduce(0, +)
        let count = following[Int(token)]
        let discount = count == 0 ? 0 : D[min(count, 3) - 1]
        return (max(Double(count) - discount, 0) + gamma * lower) / total
    }

    /// The mean of −ln p of the tokens of `text` from the index `start` on.
    func loss(of text: [Int32], from start: Int) -> Double {
        let losses = (start..<text.count).map { index in
            -naturalLogarithm(probability(of: text[index], after: Array(text[max(0, index - order + 1)..<index])))
        }
        return losses.reduce(0, +) / Double(losses.count)
    }
}

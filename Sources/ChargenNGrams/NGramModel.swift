import ChargenNN
import ChargenTensor

/// An n-gram model of token ids with interpolated modified Kneser-Ney smoothing: what counting alone can predict.
///
/// It needs no training beyond one pass over the text, so it is the baseline that a network has to beat.
///
///     let model = try NGramModel(tokens: tokens[..<split], vocabularySize: vocabulary.count)
///     let counting = try model.evaluate(tokens[split...], after: tokens[..<split])
///     print(counting.loss, counting.perplexity, counting.bitsPerCharacter)
///
/// The probability of a token w after a context h interpolates the counts of h with the probability after h′, which is h without
/// its first token:
///
///     p(w | h) = (max(c(h w) − D(c(h w)), 0) + γ(h) p(w | h′)) / Σ_v c(h v)
///     γ(h)     = D₁ N₁(h •) + D₂ N₂(h •) + D₃₊ N₃₊(h •)
///
/// with c the number of occurrences in the highest order and, in lower orders, the number of distinct tokens before the n-gram,
/// N₁₊(• h w). N_j(h •) is the number of tokens v with c(h v) = j. The discounts D of each order are estimated from its counts
/// of counts, or are ½, 1 and 1½ where these do not suffice. A context without counts has the probabilities of h′, and the empty
/// context interpolates with 1/V. So the probabilities after any context are greater than zero, and their sum is one.
///
/// Source: Chen and Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling", 1999, section 3.
public struct NGramModel: Sendable {
    /// The orders that a model can have.
    public static let orders = 1...8

    /// The bytes of an n-gram at most: its node, its slots, its context.
    package static let bytesPerNGram = NGramTable.bytesPerNode + 4 * MemoryLayout<UInt32>.stride + NGramCounts.bytesPerContext

    /// The order n: a prediction depends on the n − 1 tokens before it.
    public let order: Int
    /// The number of distinct tokens, V.
    public let vocabularySize: Int
    /// The number of tokens of the training text that were counted: its last ones, all of them if the limits allow it.
    public let tokensRead: Int
    /// The most bytes that counting needed, beside the tokens themselves.
    public let memory: Int

    /// The n-grams that are shorter than the order, which are also the contexts, and those of the order's length.
    let inner, leaves: NGramTable
    /// For each context h, Σ_v c(h v), `[inner nodes]`.
    let totals: [UInt32]
    /// For each context h, γ(h): what the discounts take from its counts, `[inner nodes]`.
    let discounted: [Double]
    /// The discounts of the n-grams of 1, 2, … tokens, `[order]`.
    let discounts: [NGramDiscounts]

    /// Creates the model of a text.
    ///
    /// The time is proportional to the number of tokens that are read: on a desktop processor, about 0.1 to 0.2 µs for each at
    /// order 6, half of it at order 5, and twice of it at order 7. Evaluating takes about 0.3 to 0.5 µs for each token.
    /// - Parameters:
    ///   - tokens: the training text, ids from 0 to V − 1. It may be empty: all probabilities are then 1/V.
    ///   - vocabularySize: V.
    ///   - order: n, one of ``orders``.
    ///   - memoryLimit: the bytes that the model may use, also while it is made. Where they do not suffice for the whole text, only
    ///     its last part is read (``tokensRead``).
    ///   - tokenLimit: the number of tokens that may be read, the last ones of the text; nil for all.
    /// - Throws: ``NGramError``.
    public init(
        tokens: some Collection<Int32>, vocabularySize: Int, order: Int = 6, memoryLimit: Int = 128_000_000,
        tokenLimit: Int? = nil
    ) throws {
        guard Self.orders.contains(order) else { throw NGramError.orderOutOfRange(order: order, allowed: Self.orders) }
        guard vocabularySize > 0 else { throw NGramError.vocabularySizeOutOfRange(size: vocabularySize) }
        let count = { (tokens: UnsafeBufferPointer<Int32>) in
            try NGramCounts(
                tokens, vocabularySize: vocabularySize, order: order, memoryLimit: memoryLimit,
                tokenLimit: max(tokenLimit ?? tokens.count, 0))
        }
        let counts = try tokens.withContiguousStorageIfAvailable(count) ?? Array(tokens).withUnsafeBufferPointer(count)
        self.init(counts, vocabularySize: vocabularySize)
    }

    private init(_ counts: consuming NGramCounts, vocabularySize: Int) {
        order = counts.order
        tokensRead = counts.tokensRead
        memory = counts.bytes
        self.vocabularySize = vocabularySize
        var (inner, leaves) = (counts.inner, counts.leaves)
        let depths = inner.depths()

        var countsOfCounts = [[Int]](repeating: [0, 0, 0, 0, 0], count: counts.order)
        for node in 1..<inner.count where inner.counts[node] <= 4 {
            countsOfCounts[Int(depths[node]) - 1][Int(inner.counts[node])] += 1
        }
        for count in leaves.counts where count <= 4 { countsOfCounts[counts.order - 1][Int(count)] += 1 }
        discounts = countsOfCounts.map(NGramDiscounts.init)

        var totals = [UInt32](repeating: 0, count: inner.count)
        var discounted = [Double](repeating: 0, count: inner.count)
        for node in 1..<inner.count {
            let context = Int(inner.links[node])
            totals[context] += inner.counts[node]
            discounted[context] += discounts[Int(depths[node]) - 1](inner.counts[node])
        }
        for node in 0..<leaves.count {
            let context = Int(leaves.links[node])
            totals[context] += leaves.counts[node]
            discounted[context] += discounts[counts.order - 1](leaves.counts[node])
        }
        inner.dropLinks()
        leaves.dropLinks()
        (self.inner, self.leaves, self.totals, self.discounted) = (inner, leaves, totals, discounted)
    }

    /// Returns the loss of `tokens`: the mean of −ln p(w | the tokens before w) over all of them.
    ///
    /// The first tokens are predicted from the end of `context`, such as the training text. An empty one means that nothing is
    /// known.
    /// - Throws: ``NGramError/emptyText``, ``NGramError/unknownToken(token:index:allowed:)``.
    public func evaluate(
        _ tokens: some Collection<Int32>, after context: some BidirectionalCollection<Int32>
    ) throws -> Evaluation {
        guard !tokens.isEmpty else { throw NGramError.emptyText }
        var reader = NGramReader(model: self, after: context)
        // Probabilities are multiplied as long as the product is far from underflow, which saves most of the logarithms.
        var loss = 0.0, product = 1.0, index = 0
        for token in tokens {
            guard token >= 0, token < vocabularySize else {
                throw NGramError.unknownToken(token: token, index: index, allowed: 0..<vocabularySize)
            }
            product *= reader.read(token, self)
            index += 1
            if product < 1e-200 {
                loss -= naturalLogarithm(product)
                product = 1
            }
        }
        return Evaluation(characters: index, loss: (loss - naturalLogarithm(product)) / Double(index))
    }

    /// Returns the probability of each token of the vocabulary after `context`, `[V]`.
    public func probabilities(after context: some BidirectionalCollection<Int32>) -> [Double] {
        var reader = NGramReader(model: self, after: context)
        return (0..<vocabularySize).map { reader.probability(of: Int32($0), self) }
    }
}

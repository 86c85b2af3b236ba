/// Reads a text under an n-gram model: the contexts behind the tokens that were read, and the next token's probability.
struct NGramReader {
    /// The nodes of the contexts of 0, 1, … tokens that end the text so far, as far as the training text has them, `[≤ order]`.
    private var contexts: [UInt32] = [0]
    /// The memory of the next contexts, `[≤ order]`.
    private var next: [UInt32] = []
    /// The last tokens, the latest first, `[≤ order − 1]`.
    private var history: [Int32] = []

    /// Creates a reader that has read the end of `context`.
    init(model: NGramModel, after context: some BidirectionalCollection<Int32>) {
        contexts.reserveCapacity(model.order)
        next.reserveCapacity(model.order)
        for token in context.suffix(model.order - 1) { _ = read(token, model) }
    }

    /// Returns the probability of `token` after the tokens that were read, and adds it to them.
    mutating func read(_ token: Int32, _ model: NGramModel) -> Double {
        let probability = probability(of: token, model)
        swap(&contexts, &next)
        if model.order > 1 {
            if history.count == model.order - 1 { history.removeLast() }
            history.insert(token, at: 0)
        }
        return probability
    }

    /// Returns the probability of `token` after the tokens that were read. The contexts that end with it are in `next`.
    mutating func probability(of token: Int32, _ model: NGramModel) -> Double {
        next.removeAll(keepingCapacity: true)
        next.append(0)
        var probability = 1 / Double(model.vocabularySize)
        // The n-gram of `token` behind the last `length` tokens; nil if the training text does not have it.
        var node: UInt32? = 0
        for (length, context) in contexts.enumerated() {
            var count: UInt32 = 0
            if let suffix = node {
                let first = length == 0 ? token : history[length - 1]
                let isLeaf = length + 1 == model.order
                let found = isLeaf ? model.leaves.find(suffix, first) : model.inner.find(suffix, first)
                node = found == NGramTable.none ? nil : found
                if let node {
                    count = isLeaf ? model.leaves.counts[Int(node)] : model.inner.counts[Int(node)]
                    if !isLeaf { next.append(node) }
                }
            }
            // The text's first n-grams have no token before them, so a context that it has may be without counts.
            let total = Double(model.totals[Int(context)])
            if total > 0 {
                // No discount is larger than its count.
                let kept = Double(count) - model.discounts[length](count)
                probability = (kept + model.discounted[Int(context)] * probability) / total
            }
        }
        return probability
    }
}

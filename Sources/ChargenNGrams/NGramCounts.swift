/// Counts the n-grams of a text, from its end to its start, until the text or the memory ends.
///
/// Each token extends the n-gram behind it to the left. If the longest n-gram that starts with the token has been seen, so have
/// all shorter ones, and a text that repeats itself costs one search for each token. If not, the shorter ones are searched until
/// one is found that has been seen. The *adjusted count* of an n-gram is its number of occurrences if it has the model's
/// order, and otherwise the number of distinct tokens before it, N₁₊(• w₁ … w_k): its number of children in the trie.
struct NGramCounts {
    /// The longest n-grams' length.
    let order: Int
    /// The n-grams that are shorter than the order; node 0 has no tokens.
    private(set) var inner: NGramTable
    /// The n-grams of the order's length; their parents and contexts are nodes of `inner`.
    private(set) var leaves: NGramTable
    /// The number of tokens that were read, from the end of the text.
    private(set) var tokensRead = 0
    /// The bytes for each inner node beyond the table's: its depth, and its total and discounts as a context.
    static let bytesPerContext = 1 + MemoryLayout<UInt32>.stride + MemoryLayout<Double>.stride

    /// Counts the n-grams of up to `order` tokens in the last `tokenLimit` of `tokens`, in at most `memoryLimit` bytes.
    /// - Throws: ``NGramError/unknownToken(token:index:allowed:)``.
    init(
        _ tokens: UnsafeBufferPointer<Int32>, vocabularySize: Int, order: Int, memoryLimit: Int, tokenLimit: Int
    ) throws {
        self.order = order
        let length = min(tokens.count, tokenLimit)
        // No text has more n-grams of one length than tokens, and no memory more than its bytes.
        let (leavesFit, innerFit) = (
            memoryLimit / NGramTable.bytesPerNode, memoryLimit / (NGramTable.bytesPerNode + Self.bytesPerContext)
        )
        let innerNodes = length.multipliedReportingOverflow(by: order - 1)
        inner = NGramTable(capacity: 1 + (innerNodes.overflow ? innerFit : min(innerNodes.partialValue, innerFit)))
        leaves = NGramTable(capacity: min(length, leavesFit))
        inner.appendRoot()

        // The node of the n-gram that starts behind the token, and its length: order − 1, but fewer at the end of the text.
        var next: UInt32 = 0, nextLength = 0
        while tokensRead < length, makeRoom(in: memoryLimit) {
            let index = tokens.count - 1 - tokensRead
            let token = tokens[index]
            guard token >= 0, token < vocabularySize else {
                throw NGramError.unknownToken(token: token, index: index, allowed: 0..<vocabularySize)
            }
            if nextLength < order - 1 {
                next = insertInner(next, token)
                nextLength += 1
            } else {
                next = insertLeaf(next, token)
            }
            tokensRead += 1
        }
    }

    /// Counts the n-gram of `token` and `parent`, which has the model's order, and returns its context.
    @inline(__always) private mutating func insertLeaf(_ parent: UInt32, _ token: Int32) -> UInt32 {
        let (leaf, isNew) = leaves.insert(parent, token)
        leaves.counts[Int(leaf)] += 1
        if isNew {
            inner.counts[Int(parent)] += 1
            leaves.link(leaf, to: order == 1 ? 0 : insertInner(inner.links[Int(parent)], token))
        }
        return leaves.links[Int(leaf)]
    }

    /// Returns the node of `token` and `parent`. If it is new, it is linked to its context, which may be new too.
    private mutating func insertInner(_ parent: UInt32, _ token: Int32) -> UInt32 {
        var parent = parent
        let first = inner.insert(parent, token)
        var (node, isNew) = first
        while isNew {
            inner.counts[Int(parent)] += 1
            // The n-gram of one token has the context of no tokens, node 0, which new nodes are linked to.
            if parent == 0 { break }
            parent = inner.links[Int(parent)]
            let context = inner.insert(parent, token)
            inner.link(node, to: context.node)
            (node, isNew) = context
        }
        return first.node
    }

    /// Makes sure that both tables have room for the n-grams that one more token can add. Returns false if the memory does not
    /// suffice. Slots are doubled, or near the limit multiplied by 5/4.
    @inline(__always) private mutating func makeRoom(in limit: Int) -> Bool {
        if inner.bytesToGrow(for: order, numerator: 8) == 0, leaves.bytesToGrow(for: 1, numerator: 8) == 0 {
            return bytes + order * (NGramTable.bytesPerNode + Self.bytesPerContext) <= limit
        }
        for numerator in [8, 5] {
            let innerBytes = inner.bytesToGrow(for: order, numerator: numerator)
            let leafBytes = leaves.bytesToGrow(for: 1, numerator: numerator)
            guard bytes + innerBytes + leafBytes + order * (NGramTable.bytesPerNode + Self.bytesPerContext) <= limit else {
                continue
            }
            if innerBytes > 0 { inner.grow(numerator: numerator) }
            if leafBytes > 0 { leaves.grow(numerator: numerator) }
            return true
        }
        return false
    }

    /// The bytes that the counts use, and that the contexts will use.
    var bytes: Int { inner.bytes + leaves.bytes + inner.count * Self.bytesPerContext }
}

/// The tokens in order of falling logits, equal ones in ascending order of their ids, of which the first few are asked for.
///
/// The tokens form a binary heap. Making it takes V steps and each token log V, so that a few tokens cost much less than
/// sorting the vocabulary.
struct MostProbable: Sequence, IteratorProtocol {
    private let logits: [Float]
    private var heap: [Int32]

    /// The tokens of `logits` `[V]`, without those that are −∞.
    init(_ logits: [Float]) {
        self.logits = logits
        heap = logits.indices.lazy.filter { logits[$0] > -.infinity }.map { Int32($0) }
        for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    mutating func next() -> Int? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink(0)
        }
        return Int(first)
    }

    private func precedes(_ a: Int32, _ b: Int32) -> Bool {
        let (x, y) = (logits[Int(a)], logits[Int(b)])
        return x == y ? a < b : x > y
    }

    /// Moves the token at `place` down until no token below precedes it.
    private mutating func sink(_ place: Int) {
        var place = place
        let token = heap[place]
        while case var child = 2 * place + 1, child < heap.count {
            if child + 1 < heap.count && precedes(heap[child + 1], heap[child]) { child += 1 }
            guard precedes(heap[child], token) else { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = token
    }
}

/// Overwrites the logits of all tokens but `kept` with −∞.
func keepOnly(_ kept: [Int], of logits: inout [Float]) {
    let values = kept.map { logits[$0] }
    for index in logits.indices { logits[index] = -.infinity }
    for (token, value) in zip(kept, values) { logits[token] = value }
}

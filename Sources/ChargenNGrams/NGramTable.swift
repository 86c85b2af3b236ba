/// A set of n-grams with a number for each: the nodes of a trie, found by open addressing.
///
/// The trie reads n-grams from their last token to their first. The key of a node is its parent, which is the n-gram without its
/// first token, and that first token; so a key of 64 bits names an n-gram of any length exactly. Nodes are numbered in the
/// order of their insertion and lie in flat arrays of that order.
struct NGramTable {
    /// The node that `find` returns where there is none.
    static let none = UInt32.max
    /// The bytes of a node in the arrays, without the slots.
    static let bytesPerNode = MemoryLayout<UInt64>.stride + 2 * MemoryLayout<UInt32>.stride

    /// Parent and first token of each node, `[nodes]`.
    private var keys: [UInt64] = []
    /// The adjusted count of each node, `[nodes]`.
    var counts: [UInt32] = []
    /// The node of each n-gram without its last token, `[nodes]`: the context in which it counts.
    private(set) var links: [UInt32] = []
    /// The nodes by the hash of their keys, at least two slots for each node; `none` where a slot is free.
    private var slots: [UInt32] = []

    /// Creates an empty table with slots for 512 nodes, which may get up to `capacity` nodes.
    ///
    /// The arrays reserve the memory of all of them. The operating system provides only the pages that are written to, so this
    /// costs nothing, and growing neither copies an array nor leaves gaps in the heap.
    init(capacity: Int) {
        keys.reserveCapacity(capacity)
        counts.reserveCapacity(capacity)
        links.reserveCapacity(capacity)
        slots.reserveCapacity(4 * (capacity + Self.leastSlots))
        slots.append(contentsOf: repeatElement(Self.none, count: Self.leastSlots))
    }

    private static let leastSlots = 1024

    /// The number of nodes.
    var count: Int { keys.count }
    /// The bytes that the table uses.
    var bytes: Int { count * Self.bytesPerNode + slots.count * MemoryLayout<UInt32>.stride }
    /// The bytes that more slots than today's would add, if another `more` nodes need them; zero if they do not.
    func bytesToGrow(for more: Int, numerator: Int) -> Int {
        2 * (count + more) <= slots.count ? 0 : (slots.count * numerator / 4 - slots.count) * MemoryLayout<UInt32>.stride
    }

    /// Multiplies the number of slots by `numerator` / 4.
    mutating func grow(numerator: Int) {
        let size = slots.count * numerator / 4
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(Self.none, count: size))
        for node in keys.indices {
            var slot = firstSlot(of: keys[node])
            while slots[slot] != Self.none { slot = slot + 1 == size ? 0 : slot + 1 }
            slots[slot] = UInt32(truncatingIfNeeded: node)
        }
    }

    /// Appends a node that no key finds: the root of the trie, which is the n-gram of no tokens.
    mutating func appendRoot() { append(.max, link: 0) }

    /// Returns the node of `token` and the n-gram `parent` behind it; `none` if there is none.
    @inline(__always) func find(_ parent: UInt32, _ token: Int32) -> UInt32 {
        let key = Self.key(parent, token)
        return slots[slot(of: key)]
    }

    /// Returns the node of `token` and the n-gram `parent` behind it, and whether it is new. A new one has the count zero.
    @inline(__always) mutating func insert(_ parent: UInt32, _ token: Int32) -> (node: UInt32, isNew: Bool) {
        let key = Self.key(parent, token)
        let slot = slot(of: key)
        guard slots[slot] == Self.none else { return (slots[slot], false) }
        let node = UInt32(truncatingIfNeeded: count)
        slots[slot] = node
        append(key, link: 0)
        return (node, true)
    }

    /// Sets the context of `node`.
    @inline(__always) mutating func link(_ node: UInt32, to context: UInt32) { links[Int(node)] = context }

    /// Returns the number of parents above each node, `[nodes]`: the length of its n-gram. All parents must be in this table.
    func depths() -> [UInt8] {
        var depths = [UInt8](repeating: 0, count: count)
        for node in depths.indices.dropFirst() { depths[node] = depths[Int(keys[node] >> 32)] + 1 }
        return depths
    }

    /// Frees the links, which nothing needs once the contexts have their totals.
    mutating func dropLinks() { links = [] }

    private mutating func append(_ key: UInt64, link: UInt32) {
        keys.append(key)
        counts.append(0)
        links.append(link)
    }

    private static func key(_ parent: UInt32, _ token: Int32) -> UInt64 {
        UInt64(parent) << 32 | UInt64(UInt32(bitPattern: token))
    }

    /// The slot of `key`, or the free slot where it belongs.
    @inline(__always) private func slot(of key: UInt64) -> Int {
        var slot = firstSlot(of: key)
        while slots[slot] != Self.none, keys[Int(slots[slot])] != key { slot = slot + 1 == slots.count ? 0 : slot + 1 }
        return slot
    }

    /// The finalizer of SplitMix64 (Steele and others, "Fast Splittable Pseudorandom Number Generators", 2014), scaled to the
    /// number of slots.
    @inline(__always) private func firstSlot(of key: UInt64) -> Int {
        var hash = key
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return Int(truncatingIfNeeded: hash.multipliedFullWidth(by: UInt64(slots.count)).high)
    }
}

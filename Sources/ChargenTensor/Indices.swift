/// A list of integers in a backend's memory, each in `0..<limit`: token ids, classes, or numbers of rows.
///
/// ``Backend/makeIndices(_:limit:)`` checks them and sends them to the backend, once for all operations that read them.
package struct Indices {
    package let storage: any Storage
    package let count: Int
    /// Every index is below this number.
    package let limit: Int

    package init(storage: any Storage, count: Int, limit: Int) {
        self.storage = storage
        self.count = count
        self.limit = limit
    }

    /// A copy of the integers.
    package var values: [Int32] { storage.elements(count) }
}

/// A mask `[T·N]` in a backend's memory, a byte for each step of each sequence: a step with mask 0 is padding.
package struct Mask {
    package let storage: any Storage
    package let count: Int

    package init(storage: any Storage, count: Int) {
        self.storage = storage
        self.count = count
    }

    /// A copy of the bytes.
    package var values: [UInt8] { storage.elements(count) }
}

/// Float64 numbers in a backend's memory: sums that an operation writes and another one reads, so that the host needs to
/// wait for none of them.
package struct Scalars {
    package let storage: any Storage
    package let count: Int

    package init(storage: any Storage, count: Int) {
        self.storage = storage
        self.count = count
    }

    /// A copy of the numbers. Where a device computes beside the host, this waits for all operations before.
    package var values: [Double] { storage.elements(count) }
}

import ChargenDevice
import ChargenTensor
import Synchronization

/// Forms of a model's weights that are made once and then shared by everything that computes with the model.
///
/// The copies of a model share them. Forms that are not made yet are made while others wait, so each is made once.
package final class PreparedForms<Key: Hashable & Sendable, Form: Sendable>: Sendable {
    private let forms = Mutex<[Key: Form]>([:])

    package init() {}

    /// The form for `key`, which `make` makes if there is none yet.
    package func form(_ key: Key, _ make: () throws -> Form) rethrows -> Form {
        try forms.withLock { forms in
            if let form = forms[key] { return form }
            let form = try make()
            forms[key] = form
            return form
        }
    }

    /// Gives the memory of all forms back as soon as nobody uses them any more.
    package func removeAll() { forms.withLock { $0 = [:] } }
}

/// A model's network with its kernels packed, for any number of passes on any threads.
///
/// Each pass runs in a network that shares the weights and has activations of its own; such networks are reused.
///
/// `@unchecked Sendable`: the weights and the packed kernels are made by the initializer and only read afterwards, and a
/// network is used by one pass at a time.
package final class PreparedNetwork: @unchecked Sendable {
    private let prototype: Sequential
    private let idle = Mutex<[Idle]>([])

    /// `@unchecked Sendable`: nobody else uses a network that is idle.
    private struct Idle: @unchecked Sendable {
        let network: Sequential
    }

    /// Prepares a model of token ids that has all `layers` and the parameters `values`.
    /// - Throws: ``LayerError``.
    package init(_ layers: [any Layer], values: [Float], on backend: any Backend) throws {
        prototype = try Sequential(layers, on: backend)
        prototype.parameters.flat.assign(values)
        // The first pass packs all kernels that later passes read.
        _ = try prototype.forward(Signal(rows: .tokens([0]), steps: 1, batchSize: 1), gradients: false)
    }

    /// Runs `body` with a network that nobody else uses meanwhile. Only forward passes in float32 are allowed.
    package func withNetwork<Result>(_ body: (Sequential) throws -> Result) throws -> Result {
        let network = try idle.withLock { $0.popLast() }?.network ?? Sequential(sharing: prototype)
        defer {
            let network = Idle(network: network)
            idle.withLock { $0.append(network) }
        }
        return try body(network)
    }
}

import ChargenCPU
import ChargenTensor
import Synchronization

/// A device that models compute on: a value that is handed to whatever computes.
///
///     let model = try CharacterModel(contentsOf: "model.safetensors")
///     print(try model.generate(prefix: "The ", seed: 1, device: .cpu(threads: 1)))
///
/// Results do not depend on the number of threads.
public struct Device: Sendable, Hashable, CustomStringConvertible {
    private enum Hardware: Hashable, Sendable {
        case cpu(threads: Int?)
    }

    private let hardware: Hardware

    /// The device that is used where none is named: all processors that this process may use.
    public static let `default` = Device.cpu()

    /// The processor's own cores.
    /// - Parameter threads: the number of threads, the caller's included, 1 to 256; nil for as many as the process may use,
    ///   which all its models then share. A number outside the range is an error when the device is first used.
    public static func cpu(threads: Int? = nil) -> Device { Device(hardware: .cpu(threads: threads)) }

    /// The device in words: `cpu`, or `cpu of 2 threads`.
    public var description: String {
        switch hardware {
        case .cpu(let threads): threads.map { "cpu of \($0) thread\($0 == 1 ? "" : "s")" } ?? "cpu"
        }
    }

    /// The backends in use, so that all that computes on a device shares the device's threads.
    private static let backends = Mutex<[Device: WeakBackend]>([:])

    private struct WeakBackend {
        weak var backend: CPUBackend?
    }

    /// The backend that computes on the device; one that exists already, where there is one.
    /// - Throws: `BackendError`.
    package func backend() throws -> any Backend {
        try Self.backends.withLock { backends in
            if let existing = backends[self]?.backend { return existing }
            let made = try makeBackend(profile: nil)
            backends[self] = WeakBackend(backend: made)
            return made
        }
    }

    /// Measures, for `seconds`, the peak speed of matrix products in floating-point operations per second.
    /// - Throws: `BackendError`.
    package func peakOperations(_ precision: Precision, seconds: Double) throws -> Double {
        switch hardware {
        case .cpu(let threads): try Processor.peakOperations(precision, threads: threads, seconds: seconds)
        }
    }

    /// A backend of its own that counts where the time goes.
    /// - Throws: `BackendError`.
    package func profiledBackend() throws -> any Backend { try makeBackend(profile: Profile()) }

    private func makeBackend(profile: Profile?) throws -> CPUBackend {
        switch hardware {
        case .cpu(let threads): try CPUBackend(threads: threads, profile: profile)
        }
    }
}

import CChargenKernels
import ChargenTensor

/// The properties of this machine that matter for computation.
public enum Processor {
    /// The number of threads that can compute at once: the physical performance cores that this process may use, within
    /// the limits of its control groups; see `ProcessorCount`.
    public static var availableThreads: Int { ProcessorCount.current }

    /// The instruction set that the kernels use: the one that `CHARGEN_ISA` names, or else the widest.
    /// - Throws: ``BackendError``.
    public static func instructionSet() throws -> InstructionSet { try CPUBackend(threads: 1).instructionSet }

    /// The precision that `Precision.automatic` means on this processor.
    /// - Throws: ``BackendError``.
    public static func fasterPrecision() throws -> Precision {
        try CPUBackend(threads: 1).fasterPrecision == .float32 ? .float32 : .bfloat16
    }

    /// The precision that `StreamPrecision.automatic` means on this processor.
    /// - Throws: ``BackendError``.
    public static func samplingPrecision() throws -> StreamPrecision {
        try CPUBackend(threads: 1).fasterStreamPrecision
    }

    /// Measures, for `seconds`, the peak speed of matrix products in floating-point operations (multiplications and
    /// additions) per second: all `threads` multiply operands that stay in the first-level cache.
    /// - Throws: ``BackendError``.
    public static func peakOperations(
        _ precision: Precision, threads: Int? = nil, seconds: Double = 1
    ) throws -> Double {
        let backend = try CPUBackend(threads: threads)
        let operands = backend.resolve(precision).kernels
        let clock = ContinuousClock()
        var start = clock.now, operations = 0.0
        // The first run wakes the threads and is not measured.
        for run in 0... {
            if run == 1 { start = clock.now }
            let done = ck_peak(backend.team, backend.table, operands, 2000)
            if run > 0 { operations += done }
            if run > 0 && (clock.now - start).inSeconds >= seconds { break }
        }
        return operations / (clock.now - start).inSeconds
    }
}

import CChargenKernels

/// The processor's vector instructions that the kernels are built for.
public enum InstructionSet: String, Sendable, CaseIterable {
    /// Plain C, on any processor.
    case scalar
    /// AVX2 with FMA: 8 floats at once.
    case avx2
    /// AVX-512 (F, DQ, BW, VL): 16 floats at once.
    case avx512
    /// The same with products of bfloat16 and of bytes (BF16, VNNI).
    case avx512bf16
    /// Arm's Advanced SIMD: 4 floats at once.
    case neon

    /// The widest that this processor and operating system offer.
    public static var best: InstructionSet { allCases.first { $0.isa == ck_best_isa() } ?? .scalar }

    /// Whether this processor and operating system offer it.
    public var isAvailable: Bool { ck_kernels_for(isa) != nil }

    var isa: ck_isa {
        switch self {
        case .scalar: CK_ISA_SCALAR
        case .avx2: CK_ISA_AVX2
        case .avx512: CK_ISA_AVX512
        case .avx512bf16: CK_ISA_AVX512BF16
        case .neon: CK_ISA_NEON
        }
    }
}

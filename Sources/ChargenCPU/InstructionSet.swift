import CChargenKernels

/// A set of vector instructions that the kernels are compiled for.
public enum InstructionSet: String, Sendable, CaseIterable {
    /// Plain C, on any processor.
    case scalar
    /// AVX2 with FMA: 8 floats at once.
    case avx2
    /// AVX2 with products of bytes (AVX-VNNI): 8 floats at once.
    case avxvnni
    /// AVX-512 (F, DQ, BW, VL): 16 floats at once.
    case avx512
    /// AVX-512 with products of bytes (VNNI): 16 floats at once.
    case avx512vnni
    /// AVX-512 with products of bfloat16 and of bytes (BF16, VNNI): 16 floats at once.
    case avx512bf16
    /// Arm's Advanced SIMD: 4 floats at once.
    case neon
    /// Arm's Advanced SIMD with products of bytes (DotProd): 4 floats at once.
    case neondot

    /// The widest instruction set that this processor and operating system support.
    public static var best: InstructionSet { allCases.first { $0.isa == ck_best_isa() } ?? .scalar }

    /// Whether this processor and operating system support the instruction set.
    public var isAvailable: Bool { ck_kernels_for(isa) != nil }

    /// The value that the kernels use.
    var isa: ck_isa {
        switch self {
        case .scalar: CK_ISA_SCALAR
        case .avx2: CK_ISA_AVX2
        case .avxvnni: CK_ISA_AVXVNNI
        case .avx512: CK_ISA_AVX512
        case .avx512vnni: CK_ISA_AVX512VNNI
        case .avx512bf16: CK_ISA_AVX512BF16
        case .neon: CK_ISA_NEON
        case .neondot: CK_ISA_NEONDOT
        }
    }
}

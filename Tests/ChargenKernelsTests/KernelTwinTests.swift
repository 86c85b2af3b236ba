import CChargenKernels
import ChargenTensor
import ChargenTestSupport
import Testing

/// Every kernel against its scalar twin: all tail lengths up to two vectors and some, and misaligned memory.
@Suite struct KernelTwinTests {
    static let tables = [CK_ISA_AVX2, CK_ISA_AVX512, CK_ISA_NEON].compactMap { ck_kernels_for($0) }.map(Table.init)
    static let scalar = Table(pointer: ck_kernels_for(CK_ISA_SCALAR)!)

    struct Table: @unchecked Sendable, CustomTestStringConvertible {
        let pointer: UnsafePointer<ck_kernels>
        var kernels: ck_kernels { pointer.pointee }
        var testDescription: String { String(cString: kernels.name) }
    }

    static let counts = Array(0...35) + [63, 64, 65, 127, 128, 131]
    static let misalignments = [0, 1, 3]

    /// `count` numbers of `scale` at an address that is `misalignment` floats off, between guards.
    private func numbers(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in random.uniform(in: -scale..<scale) }
    }

    @Test(arguments: tables) func axpy(_ table: Table) {
        for count in Self.counts {
            for shift in Self.misalignments {
                let x = numbers(count + shift, seed: 1), y = numbers(count + shift + 1, seed: 2)
                func run(_ kernels: ck_kernels) -> [Float] {
                    var result = y
                    x.withUnsafeBufferPointer { x in
                        result.withUnsafeMutableBufferPointer {
                            kernels.axpy(count, 0.37, x.baseAddress! + shift, $0.baseAddress! + shift)
                        }
                    }
                    return result
                }
                guard !x.isEmpty else { continue }
                expectClose(run(table.kernels), run(Self.scalar.kernels), absolute: 1e-6, "axpy of \(count)")
            }
        }
    }

    @Test(arguments: tables) func dot(_ table: Table) {
        for count in Self.counts where count > 0 {
            for shift in Self.misalignments {
                let x = numbers(count + shift, seed: 3), y = numbers(count + shift, seed: 4)
                let pair = x.withUnsafeBufferPointer { x in
                    y.withUnsafeBufferPointer { y in
                        [table.kernels, Self.scalar.kernels].map {
                            $0.dot(count, x.baseAddress! + shift, y.baseAddress! + shift)
                        }
                    }
                }
                expectClose([pair[0]], [pair[1]], absolute: 1e-5, "dot of \(count)")
            }
        }
    }

    @Test(arguments: tables) func adam(_ table: Table) {
        var constants = ck_adam(
            learning_rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.19, correction2: 0.05,
            scale: 0.7, limit: 0.4)
        for count in Self.counts {
            let g = numbers(count + 1, seed: 5), p = numbers(count + 1, seed: 6), m = numbers(count + 1, seed: 7)
            let v = numbers(count + 1, seed: 8).map(abs)
            func run(_ kernels: ck_kernels) -> [[Float]] {
                var (p, m, v) = (p, m, v)
                kernels.adam(count, &constants, g, &p, &m, &v)
                return [p, m, v]
            }
            for (a, b) in zip(run(table.kernels), run(Self.scalar.kernels)) {
                expectClose(a, b, absolute: 1e-6, relative: 1e-6, "adam of \(count)")
            }
        }
    }

    @Test(arguments: tables) func sgd(_ table: Table) {
        for count in Self.counts {
            let g = numbers(count + 1, seed: 9), p = numbers(count + 1, seed: 10)
            func run(_ kernels: ck_kernels) -> [Float] {
                var p = p
                kernels.sgd(count, 0.3, 0.8, 0.5, g, &p)
                return p
            }
            expectClose(run(table.kernels), run(Self.scalar.kernels), absolute: 1e-6, "sgd of \(count)")
        }
    }

    @Test(arguments: tables) func softmaxCrossEntropy(_ table: Table) {
        for count in Self.counts where count > 0 {
            // Logits far from zero: without the maximum subtracted these overflow.
            let logits = numbers(count, seed: UInt64(count), scale: 40).map { $0 + 300 }
            for target in [0, count / 2, count - 1] {
                func run(_ kernels: ck_kernels) -> [Float] {
                    var gradient = [Float](repeating: 0, count: count)
                    let loss = kernels.softmax_cross_entropy(count, logits, Int32(target), 0.25, &gradient)
                    return gradient + [loss]
                }
                expectClose(
                    run(table.kernels), run(Self.scalar.kernels), absolute: 2e-6, relative: 2e-6,
                    "loss over \(count)")
            }
        }
    }

    @Test(arguments: tables) func softmaxCrossEntropyKeepsNaN(_ table: Table) {
        for count in [1, 5, 16, 40] {
            for place in 0..<count {
                var logits = numbers(count, seed: 3)
                logits[place] = .nan
                #expect(table.kernels.softmax_cross_entropy(count, logits, 0, 1, nil).isNaN, "\(place) of \(count)")
            }
        }
    }

    /// A product tile against sums in double: all numbers of rows, with and without a first row and accumulation, for
    /// the left side read along rows and along columns.
    @Test(arguments: tables + [scalar]) func tile(_ table: Table) {
        let kernels = table.kernels
        let width = 4 * Int(kernels.lanes)
        for m in 1...Int(kernels.tile_rows) {
            for k in [0, 1, 2, 7, 33] {
                for (row, step) in [(k + 2, 1), (1, m + 3)] {
                    let a = numbers(max(m * (k + 2), (k + 1) * (m + 3)), seed: 11)
                    let b = numbers(k * width + 1, seed: 12), start = numbers(width, seed: 13)
                    let c = numbers(m * (width + 5), seed: 14)
                    for accumulate in [0, 1] {
                        var found = c
                        kernels.tile(
                            Int32(m), k, a, row, step, b, start, &found, width + 5, Int32(accumulate))
                        var expected = c
                        for i in 0..<m {
                            for j in 0..<width {
                                var sum = Double(start[j])
                                for p in 0..<k { sum += Double(a[i * row + p * step]) * Double(b[p * width + j]) }
                                let at = i * (width + 5) + j
                                expected[at] = Float(sum) + (accumulate == 1 ? c[at] : 0)
                            }
                        }
                        expectClose(found, expected, absolute: 1e-5, "tile \(m) × \(k)")
                    }
                }
            }
        }
    }
}

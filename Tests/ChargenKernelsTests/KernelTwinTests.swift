import CChargenKernels
import ChargenTensor
import ChargenTestSupport
import Testing

/// Every kernel against its scalar twin: all tail lengths up to two vectors and some, and misaligned memory.
@Suite struct KernelTwinTests {
    static let tables = (CK_ISA_SCALAR.rawValue + 1..<CK_ISAS.rawValue)
        .compactMap { ck_kernels_for(ck_isa($0)) }.map(Table.init)
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

    @Test(arguments: tables) func average(_ table: Table) {
        for count in Self.counts {
            let x = numbers(count + 1, seed: 12), mean = numbers(count + 1, seed: 13)
            func run(_ kernels: ck_kernels) -> [Float] {
                var mean = mean
                kernels.average(count, 0.37, x, &mean)
                return mean
            }
            expectClose(run(table.kernels), run(Self.scalar.kernels), absolute: 1e-6, "average of \(count)")
        }
    }

    @Test(arguments: tables) func adam(_ table: Table) {
        for (decay, count) in [0, 0.1].flatMap({ decay in Self.counts.map { (Float(decay), $0) } }) {
            var constants = ck_adam(
                learning_rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.19, correction2: 0.05,
                scale: 0.7, limit: 0.4, decay: decay)
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
        for (nesterov, count) in [0, 1].flatMap({ nesterov in Self.counts.map { (Int32(nesterov), $0) } }) {
            var constants = ck_sgd(learning_rate: 0.3, momentum: 0.9, scale: 0.8, limit: 0.5, nesterov: nesterov)
            let g = numbers(count + 1, seed: 9), p = numbers(count + 1, seed: 10), v = numbers(count + 1, seed: 11)
            func run(_ kernels: ck_kernels) -> [Float] {
                var p = p
                kernels.sgd(count, &constants, g, &p, nil)
                return p
            }
            expectClose(run(table.kernels), run(Self.scalar.kernels), absolute: 1e-6, "sgd of \(count)")
            func runWithMomentum(_ kernels: ck_kernels) -> [Float] {
                var p = p, v = v
                kernels.sgd(count, &constants, g, &p, &v)
                return p + v
            }
            expectClose(
                runWithMomentum(table.kernels), runWithMomentum(Self.scalar.kernels), absolute: 1e-6,
                "sgd with momentum of \(count)")
        }
    }

    /// With and without a mean, momentum, and a divisor that is centered.
    @Test(arguments: tables, 0..<8) func adaptive(_ table: Table, _ kind: Int) {
        let (hasMean, hasMomentum) = (kind & 1 != 0, kind & 2 != 0)
        var constants = ck_adaptive(
            learning_rate: 0.01, scale: 0.7, limit: 0.4, mean_decay: 0.9, square_decay: 0.95, square_gain: 0.05,
            from_gradient: 0.6, from_mean: 1.5, root_factor: 1.7, inner_epsilon: 0.01, epsilon: 1e-3,
            centered: kind & 4 != 0 && hasMean ? 1 : 0, momentum: 0.8)
        for (count, shift) in Self.counts.flatMap({ count in Self.misalignments.map { (count, $0) } }) {
            let size = count + shift + 1, g = numbers(size, seed: 51), p = numbers(size, seed: 52)
            let m = numbers(size, seed: 53), v = numbers(size, seed: 54).map(abs), b = numbers(size, seed: 55)
            func run(_ kernels: ck_kernels) -> [[Float]] {
                var memory = p + m + v + b
                memory.withUnsafeMutableBufferPointer {
                    let start = $0.baseAddress! + shift
                    kernels.adaptive(
                        count, &constants, Array(g.dropFirst(shift)), start, hasMean ? start + size : nil, start + 2 * size,
                        hasMomentum ? start + 3 * size : nil)
                }
                return [memory, p + m + v + b]
            }
            let (found, expected) = (run(table.kernels), run(Self.scalar.kernels))
            expectClose(found[0], expected[0], absolute: 2e-6, relative: 1e-6, "adaptive of \(count)")
            // Numbers before and after, and those of slots that are not there, stay.
            for place in 0..<4 * size where !(shift..<shift + count ~= place % size)
                || (place / size == 1 && !hasMean) || (place / size == 3 && !hasMomentum) {
                #expect(found[0][place] == found[1][place], "\(place) of \(count)")
            }
        }
    }

    @Test(arguments: tables) func softmaxCrossEntropy(_ table: Table) {
        for count in Self.counts where count > 0 {
            // Logits far from zero: without the maximum subtracted these overflow.
            let logits = numbers(count, seed: UInt64(count), scale: 40).map { $0 + 300 }
            for target in [0, count / 2, count - 1] {
                func run(_ kernels: ck_kernels) -> [Float] {
                    var gradient = [Float](repeating: 0, count: count), logits = logits
                    let loss = kernels.softmax_cross_entropy.0!(count, &logits, Int32(target), 0.25, &gradient)
                    return gradient + [loss]
                }
                expectClose(
                    run(table.kernels), run(Self.scalar.kernels), absolute: 2e-6, relative: 2e-6,
                    "loss over \(count)")
                func runNarrow(_ kernels: ck_kernels) -> [Float] {
                    var gradient = [UInt16](repeating: 0, count: count), logits = logits
                    let loss = kernels.softmax_cross_entropy.1!(count, &logits, Int32(target), 0.25, &gradient)
                    return gradient.map(widened) + [loss]
                }
                expectClose(
                    runNarrow(table.kernels), runNarrow(Self.scalar.kernels), absolute: 2e-6, relative: 1e-2,
                    "bfloat16 loss over \(count)")
            }
        }
    }

    @Test(arguments: tables) func softmaxCrossEntropyKeepsNaN(_ table: Table) {
        for count in [1, 5, 16, 40] {
            for place in 0..<count {
                var logits = numbers(count, seed: 3)
                logits[place] = .nan
                #expect(table.kernels.softmax_cross_entropy.0!(count, &logits, 0, 1, nil).isNaN, "\(place) of \(count)")
            }
        }
    }

    /// Far out too, where e^x would leave the numbers that there are.
    @Test(arguments: tables) func softmaxWeightsOfMaskedLogits(_ table: Table) {
        for count in [3, 16, 21] {
            var logits = numbers(count, seed: 22)
            logits[1] = -.infinity
            logits[2] = -1e30
            var weights = [Float](repeating: 1, count: count)
            let sum = table.kernels.softmax_weights(count, logits, 100, &weights)
            #expect(weights[1] < 1e-37 && weights[2] < 1e-37 && sum.isFinite && sum >= 1)
        }
    }

    @Test(arguments: tables) func softmaxWeights(_ table: Table) {
        for count in Self.counts where count > 0 {
            let logits = numbers(count, seed: 21, scale: 30)
            func run(_ kernels: ck_kernels) -> [Float] {
                var weights = [Float](repeating: 0, count: count)
                return [kernels.softmax_weights(count, logits, 0.7, &weights)] + weights
            }
            expectClose(run(table.kernels), run(Self.scalar.kernels), absolute: 1e-6, relative: 2e-6)
            // The sum alone.
            #expect(table.kernels.softmax_weights(count, logits, 0.7, nil) == run(table.kernels)[0])
        }
    }

    private func widened(_ half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }

    /// Rounding is the same everywhere, bit for bit: ties, the largest numbers, infinities and NaN too.
    @Test(arguments: tables) func roundingToBfloat16(_ table: Table) {
        let special: [Float] = [
            0, -0.0, 1, 1.0039062, 1.0039063, 1.0117188, 3.3e38, .greatestFiniteMagnitude, .infinity, -.infinity, .nan,
            1e-30,
        ]
        for count in Self.counts {
            let values = (0..<count).map { $0 % 3 == 0 ? special[$0 / 3 % special.count] : Float($0) * 0.77 - 20 }
            func run(_ kernels: ck_kernels) -> [UInt16] {
                var halves = [UInt16](repeating: 7, count: count + 1)
                kernels.to_bfloat16(count, values, &halves)
                return halves
            }
            #expect(run(table.kernels) == run(Self.scalar.kernels), "\(count) numbers")
            let halves = run(Self.scalar.kernels)
            #expect(halves[count] == 7)
            for (half, value) in zip(halves, values) where value.isFinite && abs(value) < 3.38e38 {
                #expect(abs(widened(half) - value) <= abs(value) / 256)
            }
        }
    }

    @Test(arguments: tables) func roundingToBytes(_ table: Table) {
        for count in Self.counts {
            let values = numbers(count + 3, seed: 31).prefix(count) + [-1, 0, 1, 0.76133]
            func run(_ kernels: ck_kernels) -> [UInt8] {
                var bytes = [UInt8](repeating: 9, count: values.count + 1)
                kernels.to_bytes(values.count, Array(values), &bytes)
                return bytes
            }
            let found = run(table.kernels)
            #expect(found == run(Self.scalar.kernels))
            for (byte, value) in zip(found, values) { #expect(abs((Float(byte) - 128) / 127 - value) <= 0.501 / 127) }
            #expect(found.last == 9)
        }
    }

    /// Sums of bytes are exact, whatever the order.
    @Test(arguments: tables) func tileOfBytes(_ table: Table) {
        let kernels = table.kernels, width = 2 * Int(kernels.lanes)
        var random = RandomSource(seed: 40)
        for m in 1...Int(kernels.tile_rows) {
            for words in [0, 1, 2, 5, 64] {
                let a = (0..<m * (words + 1) + 1).map { _ in UInt32(truncatingIfNeeded: random.next()) }
                let b = (0..<words * width + 1).map { _ in UInt32(truncatingIfNeeded: random.next()) }
                var found = [Int32](repeating: 3, count: m * (width + 4))
                kernels.tile_int8(Int32(m), words, a, words + 1, b, &found, width + 4)
                for i in 0..<m {
                    for j in 0..<width {
                        var sum = 0
                        for p in 0..<words {
                            for byte in 0..<4 {
                                let x = UInt8(truncatingIfNeeded: a[i * (words + 1) + p] >> (8 * UInt32(byte)))
                                let y = Int8(truncatingIfNeeded: b[p * width + j] >> (8 * UInt32(byte)))
                                sum += Int(x) * Int(y)
                            }
                        }
                        #expect(Int(found[i * (width + 4) + j]) == sum, "\(m) × \(words)")
                    }
                }
            }
        }
    }

    /// Packing puts each column's numbers, pair by pair for bfloat16, where the tile looks for them.
    @Test(arguments: tables + [scalar]) func packing(_ table: Table) {
        let kernels = table.kernels, lanes = Int(kernels.lanes)
        for k in [1, 2, 3, 8, 9] {
            for count in [0, 1, lanes - 1, lanes] {
                let stride = lanes + 3
                let from = numbers(k * stride + lanes, seed: 50)
                var halves = [UInt16](repeating: 0, count: from.count)
                kernels.to_bfloat16(from.count, from, &halves)
                func value(_ row: Int, _ column: Int) -> Float {
                    row < k && column < count ? from[row * stride + column] : 0
                }
                func half(_ row: Int, _ column: Int) -> UInt32 {
                    row < k && column < count ? UInt32(halves[row * stride + column]) : 0
                }
                var packed = [UInt32](repeating: 1, count: k * (lanes + 2))
                kernels.pack.0!(k, Int32(count), from, stride, &packed, lanes + 2)
                for row in 0..<k {
                    for j in 0..<lanes { #expect(Float(bitPattern: packed[row * (lanes + 2) + j]) == value(row, j)) }
                }
                for fromFloat in [true, false] {
                    packed = [UInt32](repeating: 1, count: k * (lanes + 2))
                    if fromFloat {
                        kernels.pack_float32.1!(k, Int32(count), from, stride, &packed, lanes + 2)
                    } else {
                        kernels.pack.1!(k, Int32(count), halves, stride, &packed, lanes + 2)
                    }
                    for row in Swift.stride(from: 0, to: k, by: 2) {
                        for j in 0..<lanes {
                            #expect(packed[row / 2 * (lanes + 2) + j] == half(row, j) | half(row + 1, j) << 16)
                        }
                    }
                }
            }
        }
    }

    /// A product tile against sums in double: all numbers of rows, with and without a first row and accumulation, for
    /// the left side read along rows and along columns, in both precisions.
    @Test(arguments: tables + [scalar], [false, true]) func tile(_ table: Table, _ narrow: Bool) {
        let kernels = table.kernels
        let width = 2 * Int(kernels.lanes)
        let run = narrow ? kernels.tile.1 : kernels.tile.0
        func values(_ word: UInt32) -> [Double] {
            narrow
                ? [Double(Float(bitPattern: word << 16)), Double(Float(bitPattern: word & 0xffff_0000))]
                : [Double(Float(bitPattern: word))]
        }
        func words(_ count: Int, seed: UInt64) -> [UInt32] {
            let first = numbers(count, seed: seed), second = numbers(count, seed: seed + 100)
            return (0..<count).map {
                narrow ? first[$0].bitPattern >> 16 | second[$0].bitPattern & 0xffff_0000 : first[$0].bitPattern
            }
        }
        for m in 1...Int(kernels.tile_rows) {
            for k in [0, 1, 2, 7, 33] {
                for (row, step) in [(k + 2, 1), (1, m + 3)] {
                    let a = words(max(m * (k + 2), (k + 1) * (m + 3)), seed: 11)
                    let b = words(k * width + 1, seed: 12), start = numbers(width, seed: 13)
                    let c = numbers(m * (width + 5), seed: 14)
                    for accumulate in [0, 1] {
                        var found = c
                        run!(Int32(m), k, a, row, step, b, start, &found, width + 5, Int32(accumulate))
                        var expected = c
                        for i in 0..<m {
                            for j in 0..<width {
                                var sum = Double(start[j])
                                for p in 0..<k {
                                    for (x, y) in zip(values(a[i * row + p * step]), values(b[p * width + j])) {
                                        sum += x * y
                                    }
                                }
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

    @Test(arguments: tables, [false, true]) func add(_ table: Table, _ narrow: Bool) {
        for count in Self.counts {
            let x = numbers(count + 1, seed: 61), y = numbers(count + 2, seed: 62)
            var halves = [UInt16](repeating: 0, count: count + 1)
            Self.scalar.kernels.to_bfloat16(count, x, &halves)
            func run(_ kernels: ck_kernels) -> [Float] {
                var y = y
                if narrow { kernels.add.1!(count, halves, &y) } else { kernels.add.0!(count, x, &y) }
                return y
            }
            #expect(run(table.kernels) == run(Self.scalar.kernels), "\(count)")
        }
    }

    /// The tails of a step of each cell against the scalar twin's, for blocks that are full and blocks that are not.
    @Test(arguments: tables, [CK_LSTM, CK_GRU, CK_GRU_RESET_BEFORE, CK_SIMPLE_RNN, CK_MLSTM]) func recurrentTails(
        _ table: Table, _ kind: ck_cell
    ) {
        let lanes = Int(table.kernels.lanes)
        for H in [1, 3, lanes - 1, lanes, lanes + 1, 2 * lanes + 5] {
            for options in 0..<32 where options & 16 == 0 || kind == CK_GRU {
                var tails = RecurrentTails(kind, H: H, narrow: options & 1 != 0)
                tails.masked = options & 2 != 0
                tails.dropped = options & 4 != 0
                if options & 8 != 0 { (tails.activation, tails.gateActivation) = (CK_RELU, CK_HARD_SIGMOID) }
                tails.inputGate = options & 16 != 0
                let what = "H \(H), options \(options)"
                expectParts(tails.forward(table.kernels), tails.forward(Self.scalar.kernels), "forward, \(what)")
                expectParts(tails.backward(table.kernels), tails.backward(Self.scalar.kernels), "backward, \(what)")
            }
        }
    }

    /// The normalization of products of each number of gates, forward and backward.
    @Test(arguments: tables, [CK_LSTM, CK_GRU, CK_SIMPLE_RNN]) func normalization(_ table: Table, _ kind: ck_cell) {
        let lanes = Int(table.kernels.lanes)
        for H in Array(1...2 * lanes + 3) + [4 * lanes + 1, 131] {
            for narrow in [false, true] {
                let tails = RecurrentTails(kind, H: H, narrow: narrow)
                for isKept in [false, true] {
                    expectParts(
                        tails.normalized(table.kernels, isKept: isKept), tails.normalized(Self.scalar.kernels, isKept: isKept),
                        "normalized, H \(H), narrow \(narrow), kept \(isKept)")
                }
                expectParts(
                    tails.normalizedBackward(table.kernels), tails.normalizedBackward(Self.scalar.kernels),
                    "normalized backward, H \(H), narrow \(narrow)")
            }
        }
    }

    /// The moments of numbers far from zero, with padding that must not count, against their definition; a NaN stays.
    @Test(arguments: tables + [scalar]) func moments(_ table: Table) {
        let lanes = Int(table.kernels.lanes)
        for count in Self.counts where count > 0 {
            let n = (count + 2 * lanes - 1) / (2 * lanes) * 2 * lanes, shift: Float = count % 2 == 0 ? 0 : 5
            var x = numbers(count, seed: 63).map { $0 + shift } + [Float](repeating: 0, count: n - count)
            let exact = x[..<count].map(Double.init), mean = exact.reduce(0, +) / Double(count)
            let variance = exact.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
            var inverse: Float = 0
            let found = table.kernels.moments(n, count, x, 1e-3, &inverse)
            expectClose([found], [Float(mean)], absolute: 2e-6, "mean of \(count)")
            expectClose([inverse], [Float(1 / (variance + 1e-3).squareRoot())], absolute: 0, relative: 3e-4, "\(count)")
            x[count - 1] = .nan
            #expect(table.kernels.moments(n, count, x, 1e-3, &inverse).isNaN, "NaN of \(count)")
        }
    }

    @Test(arguments: tables, [false, true]) func addProducts(_ table: Table, _ narrow: Bool) {
        for count in Self.counts {
            let x = numbers(count + 1, seed: 64), z = numbers(count + 1, seed: 65), y = numbers(count + 2, seed: 66)
            func halves(_ values: [Float]) -> [UInt16] { values.map { UInt16($0.bitPattern >> 16) } }
            func run(_ kernels: ck_kernels) -> [Float] {
                var y = y
                if narrow {
                    kernels.add_products.1!(count, halves(x), halves(z), &y)
                } else {
                    kernels.add_products.0!(count, x, z, &y)
                }
                return y
            }
            expectClose(run(table.kernels), run(Self.scalar.kernels), absolute: 1e-6, "\(count)")
            #expect(count == 0 || run(table.kernels) != y)
        }
    }

    private func expectParts(_ found: [RecurrentTails.Part], _ expected: [RecurrentTails.Part], _ what: String) {
        #expect(found.count == expected.count)
        for (a, b) in zip(found, expected) {
            // A sum that rounds to the other neighbour is 2^-7 of itself off in bfloat16.
            expectClose(
                a.values, b.values, absolute: 4e-6, relative: b.narrow ? 8e-3 : 4e-6, "\(what), \(b.name)")
        }
    }
}

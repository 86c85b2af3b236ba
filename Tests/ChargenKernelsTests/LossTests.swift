import CChargenKernels
import ChargenTensor
import ChargenTestSupport
import Testing

/// The losses of rows against their scalar twins and against formulas in double.
@Suite struct LossTests {
    typealias Table = KernelTwinTests.Table
    static let tables = KernelTwinTests.tables
    static let scalar = KernelTwinTests.scalar
    static let functions = [CK_SOFTMAX_CROSS_ENTROPY, CK_SIGMOID_CROSS_ENTROPY, CK_SQUARED_ERROR]

    /// Random rows. Row 2 has weight zero where there are weights; then it holds NaN and a class that does not exist.
    struct Rows {
        let function: ck_loss
        let rows: Int
        let columns: Int
        var outputs: [Float]
        var classes: [Int32]?
        var targets: [Float]
        var weights: [Float]?
        var scale: Float = 0.25
        /// nil: no gradient.
        var precision: ck_precision?
        var hasHits: Bool

        /// Variant bits: 1 classes, 2 weights, 4 hits; the rest is the gradient: none, float32, bfloat16.
        static let variants = 0..<24

        init(_ function: ck_loss, rows: Int, columns: Int, variant: Int) {
            self.function = function
            self.rows = rows
            self.columns = columns
            var random = RandomSource(seed: UInt64(columns))
            // Multiples of a half, so that the largest output often occurs twice.
            outputs = (0..<rows * columns).map { _ in (random.uniform(in: -4..<4) * 2).rounded() / 2 }
            targets = (0..<rows * columns).map { _ in random.uniform(in: 0..<1) }
            classes = variant & 1 != 0 ? (0..<rows).map { Int32(($0 * 7 + 1) % columns) } : nil
            weights = variant & 2 != 0 ? (0..<rows).map { _ in random.uniform(in: 0.1..<2) } : nil
            hasHits = variant & 4 != 0
            precision = [nil, CK_FLOAT32, CK_BFLOAT16][variant >> 3]
            // One target of some rows is a one-hot row.
            for row in stride(from: 0, to: rows, by: 2) {
                for column in 0..<columns { targets[row * columns + column] = column == row % columns ? 1 : 0 }
            }
            if weights != nil && rows > 2 {
                weights![2] = 0
                classes?[2] = -1
                for column in 0..<columns {
                    outputs[2 * columns + column] = .nan
                    targets[2 * columns + column] = .nan
                }
            }
        }

        struct Result: Equatable {
            var losses: [Float]
            var hits: [Float]
            /// `[rows, columns]`, with guards between the rows.
            var gradient: [Float]
        }

        func compute(_ table: Table, threads: Int = 1) -> Result {
            let team = ck_team_create(Int32(threads))
            defer { ck_team_destroy(team) }
            let stride = columns + columns % 2 + 2
            var outputs = outputs, losses = [Float](repeating: 9, count: rows + 1), hits = losses
            var floats = [Float](repeating: 9, count: rows * stride), halves = [UInt16](repeating: 9, count: rows * stride)
            outputs.withUnsafeMutableBufferPointer { outputs in
                losses.withUnsafeMutableBufferPointer { losses in
                    hits.withUnsafeMutableBufferPointer { hits in
                        floats.withUnsafeMutableBytes { floats in
                            halves.withUnsafeMutableBytes { halves in
                                withOptional(classes) { classes in
                                    withOptional(weights) { weights in
                                        targets.withUnsafeBufferPointer { targets in
                                            let data: UnsafeMutableRawPointer? =
                                                switch precision {
                                                case CK_FLOAT32: floats.baseAddress
                                                case CK_BFLOAT16: halves.baseAddress
                                                default: nil
                                                }
                                            var job = ck_losses(
                                                loss: function, rows: rows, columns: columns,
                                                outputs: outputs.baseAddress, classes: classes,
                                                targets: classes == nil ? targets.baseAddress : nil, weights: weights,
                                                scale: scale,
                                                gradient: ck_operand(
                                                    precision: precision ?? CK_FLOAT32, data: data, stride: stride),
                                                losses: losses.baseAddress, hits: hasHits ? hits.baseAddress : nil)
                                            ck_compute_losses(team, table.pointer, &job)
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            if precision == nil {
                // Outputs stay as they are where there is no gradient.
                #expect(outputs.map(\.bitPattern) == self.outputs.map(\.bitPattern))
            }
            let gradient: [Float] =
                switch precision {
                case CK_FLOAT32: floats
                case CK_BFLOAT16: halves.map { Float(bitPattern: UInt32($0) << 16) }
                default: []
                }
            return Result(losses: losses, hits: hits, gradient: gradient)
        }

        private func withOptional<Element>(_ array: [Element]?, _ body: (UnsafePointer<Element>?) -> Void) {
            if let array { array.withUnsafeBufferPointer { body($0.baseAddress) } } else { body(nil) }
        }

        func target(_ row: Int, _ column: Int) -> Double {
            classes.map { Int($0[row]) == column ? 1 : 0 } ?? Double(targets[row * columns + column])
        }

        /// The definitions, in double.
        func formula() -> (losses: [Float], hits: [Float], gradient: [Float]) {
            var losses: [Float] = [], hits: [Float] = [], gradient: [Float] = []
            for row in 0..<rows {
                let weight = Double(weights?[row] ?? 1)
                let x = (0..<columns).map { Double(outputs[row * columns + $0]) }
                let y = (0..<columns).map { target(row, $0) }
                guard weight != 0 else {
                    losses.append(0)
                    hits.append(0)
                    gradient += [Float](repeating: 0, count: columns)
                    continue
                }
                let (loss, hit, slopes) = Self.formula(function, x, y)
                losses.append(Float(weight * loss))
                hits.append(hit ? 1 : 0)
                gradient += slopes.map { Float(Double(scale) * weight * $0) }
            }
            return (losses, hits, gradient)
        }

        private static func formula(_ function: ck_loss, _ x: [Double], _ y: [Double]) -> (Double, Bool, [Double]) {
            let count = Double(x.count), total = y.reduce(0, +)
            switch function {
            case CK_SOFTMAX_CROSS_ENTROPY:
                let weights = x.map { exponential($0) }, sum = weights.reduce(0, +)
                let loss = zip(weights, y).reduce(0) { $0 - $1.1 * naturalLogarithm($1.0 / sum) }
                let hit = x.firstIndex(of: x.max()!) == y.firstIndex(of: y.max()!)
                return (loss, hit, zip(weights, y).map { total * $0 / sum - $1 })
            case CK_SIGMOID_CROSS_ENTROPY:
                let p = x.map { 1 / (1 + exponential(-$0)) }
                let loss = zip(p, y).reduce(0) {
                    $0 - $1.1 * naturalLogarithm($1.0) - (1 - $1.1) * naturalLogarithm(1 - $1.0)
                }
                let hit = zip(x, y).allSatisfy { ($0 > 0) == ($1 > 0.5) }
                return (loss / count, hit, zip(p, y).map { ($0 - $1) / count })
            default:
                let loss = zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                return (loss / count, false, zip(x, y).map { 2 * ($0 - $1) / count })
            }
        }
    }

    /// What was computed without the numbers after and between the rows, which must be untouched.
    private func inner(_ result: Rows.Result, _ rows: Rows) -> Rows.Result {
        let stride = rows.columns + rows.columns % 2 + 2
        let guardValue: Float = rows.precision == CK_BFLOAT16 ? Float(bitPattern: 9 << 16) : 9
        var gradient: [Float] = []
        for row in 0..<(rows.precision == nil ? 0 : rows.rows) {
            gradient += result.gradient[row * stride..<row * stride + rows.columns]
            #expect(result.gradient[row * stride + rows.columns..<(row + 1) * stride].allSatisfy { $0 == guardValue })
        }
        #expect(result.losses.last == 9 && result.hits.last == 9)
        return Rows.Result(losses: result.losses.dropLast(), hits: result.hits.dropLast(), gradient: gradient)
    }

    @Test(arguments: tables + [scalar], functions) func formulas(_ table: Table, _ function: ck_loss) {
        for columns in 1...2 * Int(table.kernels.lanes) + 1 {
            for variant in Rows.variants {
                let rows = Rows(function, rows: 5, columns: columns, variant: variant), expected = rows.formula()
                let found = inner(rows.compute(table), rows), what = "loss \(function.rawValue), \(columns), \(variant)"
                expectClose(found.losses, expected.losses, absolute: 3e-6, relative: 3e-6, what)
                if rows.hasHits { #expect(found.hits == expected.hits, "\(what)") }
                if let precision = rows.precision {
                    expectClose(
                        found.gradient, expected.gradient, absolute: 1e-6, relative: precision == CK_BFLOAT16 ? 4e-3 : 2e-6,
                        "gradient, \(what)")
                }
            }
        }
    }

    /// The portable losses have the same bits everywhere; those of the softmax depend on the exponentials.
    @Test(arguments: tables, functions) func twins(_ table: Table, _ function: ck_loss) {
        for columns in 1...2 * Int(table.kernels.lanes) + 1 {
            for variant in Rows.variants {
                let rows = Rows(function, rows: 4, columns: columns, variant: variant)
                let (found, expected) = (rows.compute(table), rows.compute(Self.scalar))
                #expect(found.hits == expected.hits)
                if function == CK_SOFTMAX_CROSS_ENTROPY {
                    expectClose(found.losses, expected.losses, absolute: 2e-6, relative: 2e-6)
                    expectClose(
                        found.gradient, expected.gradient, absolute: 2e-6,
                        relative: rows.precision == CK_BFLOAT16 ? 1e-2 : 2e-6)
                } else {
                    #expect(found == expected, "\(function.rawValue), \(columns), \(variant)")
                }
            }
        }
    }

    @Test(arguments: tables + [scalar], functions) func threadsDoNotMatter(_ table: Table, _ function: ck_loss) {
        for (count, columns) in [(61, 150), (3001, 1), (700, 7)] {
            for variant in Rows.variants {
                let rows = Rows(function, rows: count, columns: columns, variant: variant)
                let alone = rows.compute(table)
                for threads in [2, 3, 7] {
                    #expect(rows.compute(table, threads: threads) == alone, "\(threads) threads, \(columns), \(variant)")
                }
            }
        }
    }

    /// The cross-entropy of classes has the kernel's own bits.
    @Test(arguments: tables + [scalar]) func classesAreTheKernel(_ table: Table) {
        for columns in [1, 7, 40] {
            let rows = Rows(CK_SOFTMAX_CROSS_ENTROPY, rows: 3, columns: columns, variant: 1 + 8)
            let found = inner(rows.compute(table), rows)
            for row in 0..<3 {
                var x = Array(rows.outputs[row * columns..<(row + 1) * columns])
                var gradient = [Float](repeating: 0, count: columns)
                let loss = table.kernels.softmax_cross_entropy.0!(columns, &x, rows.classes![row], rows.scale, &gradient)
                #expect(found.losses[row] == loss)
                #expect(Array(found.gradient[row * columns..<(row + 1) * columns]) == gradient)
            }
        }
    }

    /// Far out, where e^x leaves the range of numbers, and where outputs are masked by minus infinity.
    @Test(arguments: tables + [scalar]) func extremes(_ table: Table) {
        var rows = Rows(CK_SOFTMAX_CROSS_ENTROPY, rows: 1, columns: 3, variant: 8 + 4)
        rows.outputs = [300, -.infinity, 299]
        rows.targets = [0.25, 0, 0.75]
        var found = inner(rows.compute(table), rows)
        expectClose(found.losses, [1.063_261_6], absolute: 1e-6)
        expectClose(found.gradient, [0.120_264_6, 0, -0.120_264_6], absolute: 1e-6)
        #expect(found.hits == [0])

        rows = Rows(CK_SIGMOID_CROSS_ENTROPY, rows: 1, columns: 2, variant: 8 + 4)
        rows.outputs = [500, -500]
        rows.targets = [1, 1]
        found = inner(rows.compute(table), rows)
        #expect(found.losses == [250] && found.gradient == [0, -0.125] && found.hits == [0])
    }

    /// A NaN in an output makes the loss NaN and the prediction of a softmax wrong.
    @Test(arguments: tables + [scalar], functions) func keepsNaN(_ table: Table, _ function: ck_loss) {
        for variant in Rows.variants where variant & 2 == 0 {
            for place in 0..<5 {
                var rows = Rows(function, rows: 1, columns: 5, variant: variant)
                rows.outputs[place] = .nan
                let found = rows.compute(table)
                #expect(found.losses[0].isNaN, "\(function.rawValue), \(variant), \(place)")
                if rows.hasHits && function == CK_SOFTMAX_CROSS_ENTROPY { #expect(found.hits[0] == 0) }
            }
        }
    }
}

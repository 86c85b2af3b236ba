import ChargenCPU
import ChargenTensor
import ChargenTestSupport
import Testing

/// Every operation of the CPU backend, for every instruction set of this machine, against the reference backend: memory,
/// products and the operations of layers.
@Suite struct ReferenceTests {
    static let precisions = [OperandPrecision.float32, .bfloat16]

    // MARK: Memory

    /// Copies are exact in each precision, into views of columns too, and leave the numbers beside the view as they are.
    @Test(arguments: availableInstructionSets, precisions) func copies(_ set: InstructionSet, _ to: OperandPrecision) throws {
        for from in Self.precisions {
            try expectAgreement(set, absolute: 0, "\(from) to \(to)") { backend in
                let source = backend.randomOperand(7, 45, from, seed: 1, in: -300..<300)
                let whole = backend.randomOperand(9, 71, to, seed: 2), part = whole[1..<8].columns(6..<43)
                backend.copy(source.columns(3..<40), into: part)
                backend.fill(whole[8..<9].columns(4..<70), with: -0.5)
                return [("whole", whole.values), ("part", part.values)]
            }
        }
    }

    /// Numbers between two of bfloat16, and those in the middle, which go to the even one.
    @Test(arguments: availableInstructionSets) func rounding(_ set: InstructionSet) throws {
        let bits: [UInt32] = [
            0x3F80_7FFF, 0x3F80_8000, 0x3F80_8001, 0x3F81_8000, 0xBF81_7FFF, 0xBF81_8000, 0x7F7F_FFFF, 0x0000_8000,
            0x8001_8000, 0x7F80_0000, 0xFF80_0000,
        ]
        try expectAgreement(set, absolute: 0) { backend in
            let rounded = backend.makeOperand(1, bits.count, .bfloat16)
            backend.copy(Operand(backend.makeMatrix(1, bits.count, bits.map { Float(bitPattern: $0) })), into: rounded)
            // As numbers, the infinities would be far from themselves.
            return [("bits", rounded.values.map { Float($0.bitPattern >> 16) })]
        }
        let backend = ReferenceBackend(), rounded = backend.makeOperand(1, 3, .bfloat16)
        backend.fill(rounded.columns(1..<2), with: .nan)
        #expect(rounded.values.map(\.isNaN) == [false, true, false])
    }

    @Test(arguments: availableInstructionSets, precisions)
    func rows(_ set: InstructionSet, _ precision: OperandPrecision) throws {
        try expectAgreement(set, absolute: 0) { backend in
            let source = backend.randomOperand(6, 29, precision, seed: 3), rows = backend.randomIndices(11, limit: 6, seed: 4)
            let gathered = backend.makeOperand(11, 29, precision), ones = backend.makeMatrix(11, 8)
            backend.gather(source, rows, into: gathered)
            backend.fill(ones, with: 3)
            backend.oneHot(rows, into: ones)
            return [("gathered", gathered.values), ("one-hot", ones.values), ("indices", rows.values.map { Float($0) })]
        }
    }

    /// What was sent comes back, whatever its type.
    @Test func storage() {
        let backend = ReferenceBackend(), mask: [UInt8] = [1, 0, 1, 1, 0, 2, 255], scalars = backend.makeScalars(3)
        #expect(backend.makeMask(mask).values == mask)
        #expect(backend.makeIndices([3, 0, 12], limit: 13).values == [3, 0, 12])
        #expect(scalars.values == [0, 0, 0])
        backend.sum(backend.makeMatrix(1, 2, [0x1p30, 0x1p-10]), into: scalars, at: 1)
        #expect(scalars.values == [0, 0x1p30 + 0x1p-10, 0])
        let storage = backend.makeStorage(count: 4)
        storage.upload([7, 8] as [Float], at: 1)
        var halves = [UInt16](repeating: 1, count: 6)
        storage.download(into: &halves, at: 0)
        #expect(halves == [0, 0, 0, 0x40E0, 0, 0x4100])
    }

    // MARK: Products

    @Test(arguments: availableInstructionSets, precisions)
    func products(_ set: InstructionSet, _ precision: OperandPrecision) throws {
        for (m, n, k, first) in [(1, 1, 1, 0), (13, 37, 21, 0), (33, 18, 70, 6), (5, 131, 40, 2)] {
            try expectAgreement(set, absolute: 1e-4, "\(m) × \(n) × \(k)") { backend in
                let left = backend.randomOperand(m, k + 9, precision, seed: 5).columns(first..<first + k)
                let bias = backend.randomMatrix(1, n, seed: 6)
                let packed = backend.makePacked(rows: k, columns: n, precision: precision)
                func product(_ bias: Matrix?) -> [Float] {
                    let result = backend.randomMatrix(m, n, seed: 7)
                    backend.product(left, packed, bias: bias, into: result)
                    return result.values
                }
                backend.pack(backend.randomMatrix(k, n, seed: 8), transposed: false, into: packed)
                let straight = product(bias)
                backend.pack(backend.randomMatrix(n, k, seed: 9), transposed: true, into: packed)
                return [("straight", straight), ("transposed", product(nil))]
            }
        }
    }

    @Test(arguments: availableInstructionSets, precisions)
    func transposedProducts(_ set: InstructionSet, _ precision: OperandPrecision) throws {
        for (m, n, k, first) in [(1, 1, 1, 0), (13, 37, 21, 0), (33, 18, 70, 6), (5, 131, 40, 2)] {
            try expectAgreement(set, absolute: 1e-4, "\(m) × \(n) × \(k)") { backend in
                let left = backend.randomOperand(k + 2, m, precision, seed: 10)[1..<k + 1]
                let right = backend.randomOperand(k, n + 8, precision, seed: 11).columns(first..<first + n)
                let result = backend.randomMatrix(m, n, seed: 12)
                backend.transposedProduct(left, right, scratch: backend.makeScratch(), into: result)
                return [("product", result.values)]
            }
        }
    }

    // MARK: Layers

    @Test(arguments: availableInstructionSets, Activation.allCases)
    func activations(_ set: InstructionSet, _ activation: Activation) throws {
        try expectAgreement(set, absolute: 1e-6, relative: 1e-5) { backend in
            let values = backend.randomMatrix(7, 39, seed: 13, in: -5..<5), gradient = backend.randomMatrix(7, 39, seed: 14)
            backend.activate(activation, values)
            backend.differentiate(activation, values: values, gradient: gradient)
            return [("values", values.values), ("gradient", gradient.values)]
        }
    }

    /// The numbers that are dropped, and the scaled ones, are the same to the last bit.
    @Test(arguments: availableInstructionSets, precisions)
    func dropout(_ set: InstructionSet, _ precision: OperandPrecision) throws {
        let draw = DropoutDraw(rate: 0.3, seed: 0xFEDC_BA98_7654_3210)
        try expectAgreement(set, absolute: 0) { backend in
            let values = backend.randomOperand(10, 43, precision, seed: 15), result = backend.makeOperand(10, 43, precision)
            backend.dropout(draw, values, period: 4, into: result)
            backend.dropout(DropoutDraw(rate: 0.5, seed: 3), values, period: 10, into: values)
            return [("apart", result.values), ("in place", values.values)]
        }
    }

    @Test(arguments: availableInstructionSets, precisions)
    func sumsOverRows(_ set: InstructionSet, _ precision: OperandPrecision) throws {
        try expectAgreement(set, absolute: 1e-5) { backend in
            let rows = backend.randomOperand(19, 45, precision, seed: 16).columns(4..<41)
            let table = backend.randomMatrix(6, 37, seed: 17), sums = backend.randomMatrix(1, 37, seed: 18)
            backend.scatter(rows, tokens: backend.randomIndices(19, limit: 5, seed: 19), into: table)
            backend.columnSums(rows, into: sums)
            return [("table", table.values), ("sums", sums.values)]
        }
    }

    @Test(arguments: availableInstructionSets) func arithmetic(_ set: InstructionSet) throws {
        try expectAgreement(set, absolute: 1e-6) { backend in
            let x = backend.randomMatrix(5, 9, seed: 20), y = backend.randomMatrix(9, 5, seed: 21)
            backend.addScaled(-0.75, x, to: y)
            backend.average(0.3, x, into: y)
            backend.multiply(x, by: y)
            backend.halve(y)
            return [("x", x.values), ("y", y.values)]
        }
    }
}

/// A generator of random numbers from a seed: the same numbers on every machine and with every version of the compiler.
///
/// The algorithm is xoshiro256** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021), its
/// state filled from the seed by SplitMix64 as its authors advise. The generator is a value: a copy continues the same
/// sequence on its own.
public struct RandomSource: RandomNumberGenerator, Sendable, Equatable, Codable {
    /// Four words that are not all zero: from zeros the generator would produce zeros for ever.
    private var state: SIMD4<UInt64>

    private enum CodingKeys: String, CodingKey { case state }

    /// Starts the sequence of `seed`; `stream` selects one of many independent sequences of that seed.
    public init(seed: UInt64, stream: UInt64 = 0) {
        var mixer = seed &+ stream &* 0xD1B5_4A32_D192_ED03
        state = SIMD4()
        for index in 0..<4 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            var z = mixer
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            state[index] = z ^ (z >> 31)
        }
    }

    /// Decodes a generator that continues the sequence of the encoded one.
    /// - Throws: `DecodingError.dataCorrupted` if the state is not four words that are not all zero.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let words = try values.decode([UInt64].self, forKey: .state)
        guard words.count == 4, words.contains(where: { $0 != 0 }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .state, in: values,
                debugDescription: "the state of a random source must be four words that are not all zero")
        }
        state = SIMD4(words)
    }

    /// Encodes the state as an array of four words.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode((0..<4).map { state[$0] }, forKey: .state)
    }

    /// Returns the next 64 random bits.
    public mutating func next() -> UInt64 {
        let scrambled = (state[1] &* 5).rotatedLeft(by: 7) &* 9
        let shifted = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = state[3].rotatedLeft(by: 45)
        return scrambled
    }

    /// Returns a number from the uniform distribution over [0, 1), with 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Returns a number from the uniform distribution over `range`.
    public mutating func uniform(in range: Range<Float>) -> Float {
        range.lowerBound + Float(uniform()) * (range.upperBound - range.lowerBound)
    }

    /// Returns a number from the standard normal distribution, by Marsaglia's polar method.
    public mutating func normal() -> Double {
        while true {
            let (u, v) = (2 * uniform() - 1, 2 * uniform() - 1)
            let square = u * u + v * v
            if square > 0 && square < 1 { return u * (-2 * naturalLogarithm(square) / square).squareRoot() }
        }
    }

    /// Overwrites `values` with numbers from the standard normal distribution. It is faster than ``normal()``, because it
    /// uses both numbers of each pair that the polar method computes.
    package mutating func fillNormal(_ values: UnsafeMutableBufferPointer<Float>) {
        var source = self  // a local copy stays in registers
        var index = 0
        while index < values.count {
            let (u, v) = (2 * source.uniform() - 1, 2 * source.uniform() - 1)
            let square = u * u + v * v
            guard square > 0 && square < 1 else { continue }
            let factor = (-2 * naturalLogarithm(square) / square).squareRoot()
            values[index] = Float(u * factor)
            if index + 1 < values.count { values[index + 1] = Float(v * factor) }
            index += 2
        }
        self = source
    }
}

extension UInt64 {
    fileprivate func rotatedLeft(by count: UInt64) -> UInt64 { (self << count) | (self >> (64 - count)) }
}

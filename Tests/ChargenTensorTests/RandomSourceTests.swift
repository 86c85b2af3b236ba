import ChargenTensor
import Foundation
import Testing

@Suite struct RandomSourceTests {
    /// xoshiro256** from the state that SplitMix64 makes of seed 0; the reference is the authors' C code.
    @Test func sequenceOfSeedZero() {
        var random = RandomSource(seed: 0)
        #expect((0..<3).map { _ in random.next() } == [
            0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0,
        ])
    }

    @Test func streamsAndCopiesAreTheirOwn() {
        var first = RandomSource(seed: 3), second = RandomSource(seed: 3, stream: 1)
        #expect(first.next() != second.next())
        var copy = first
        #expect(copy.next() == first.next())
    }

    @Test func momentsOfTheDistributions() {
        var random = RandomSource(seed: 9)
        let uniform = (0..<20_000).map { _ in random.uniform() }
        #expect(uniform.allSatisfy { (0..<1).contains($0) })
        #expect(abs(uniform.reduce(0, +) / 20_000 - 0.5) < 0.01)
        let normal = (0..<20_000).map { _ in random.normal() }
        #expect(abs(normal.reduce(0, +) / 20_000) < 0.03)
        #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 20_000 - 1) < 0.05)
    }

    @Test func decodingContinuesTheSequence() throws {
        var random = RandomSource(seed: 5)
        _ = random.next()
        let encoded = try JSONEncoder().encode(random)
        let words = try #require(try JSONSerialization.jsonObject(with: encoded) as? [String: [Any]])
        #expect(words.keys.sorted() == ["state"] && words["state"]?.count == 4)
        var decoded = try JSONDecoder().decode(RandomSource.self, from: encoded)
        #expect(decoded == random)
        #expect(decoded.next() == random.next())
    }

    /// A state of zeros would give zeros for ever, and one of another size has no next number.
    @Test(arguments: ["[]", "[0,0,0,0]", "[1,2,3]", "[1,2,3,4,5]"])
    func statesThatAreNotValid(_ words: String) throws {
        do {
            _ = try JSONDecoder().decode(RandomSource.self, from: Data("{\"state\":\(words)}".utf8))
            Issue.record("\(words) was accepted")
        } catch DecodingError.dataCorrupted(let context) {
            #expect(context.codingPath.map(\.stringValue) == ["state"])
        }
    }
}

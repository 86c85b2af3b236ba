import ChargenTensor

/// A text of `count` characters that a model can learn something from: words in an order drawn from `seed`.
public func sampleText(count: Int, seed: UInt64 = 1) -> String {
    let words = ["rain", "on", "the", "roof", "and", "a", "lamp", "burns", "low", "while", "we", "sing"]
    var random = RandomSource(seed: seed)
    var text: [Character] = []
    while text.count < count {
        text += Array(words[Int(random.next() % UInt64(words.count))])
        text.append(random.next() % 6 == 0 ? "\n" : " ")
    }
    return String(text.prefix(count))
}

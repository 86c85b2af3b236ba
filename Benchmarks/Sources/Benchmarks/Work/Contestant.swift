/// A program and its options.
struct Contestant {
    let program: Program
    /// The precision of training. In sampling, chargen chooses it, and the other programs use float32.
    let precision: OurPrecision
    /// Width of the embedding; nil is a one-hot input.
    let embedding: Int?

    /// Width of the embedding of characters wherever there is one; `peers/configs.py` has it too.
    static let embeddingWidth = 64

    /// chargen, in training or sampling.
    static func ours(_ precision: OurPrecision = .automatic, embedding: Int? = nil) -> Self {
        Self(program: .chargen, precision: precision, embedding: embedding)
    }

    /// Another program: with an embedding, which is faster there, unless one-hot inputs are requested.
    static func peer(_ program: Program, _ precision: OurPrecision = .float32, oneHot: Bool = false) -> Self {
        Self(program: program, precision: precision, embedding: oneHot ? nil : embeddingWidth)
    }

    /// The program and, in training, its precision.
    func name(in work: Work) -> String {
        work.streams == nil ? "\(program.rawValue) \(precision.rawValue)" : program.rawValue
    }

    /// `one-hot` or `embedding`.
    var input: String { embedding == nil ? "one-hot" : "embedding" }
}

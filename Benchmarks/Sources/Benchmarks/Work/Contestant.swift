/// A program and how it is asked to do the work.
struct Contestant {
    let program: Program
    /// What is asked for in training; sampling leaves it to chargen, and is float32 elsewhere.
    let precision: OurPrecision
    /// Width of the embedding; nil is a one-hot input.
    let embedding: Int?

    /// Width of the embedding of characters wherever there is one; `peers/configs.py` has it too.
    static let embeddingWidth = 64

    /// chargen, in training or sampling.
    static func ours(_ precision: OurPrecision = .automatic, embedding: Int? = nil) -> Self {
        Self(program: .chargen, precision: precision, embedding: embedding)
    }

    /// Somebody else's program: with an embedding, which is its faster way, unless it is asked for one-hot inputs.
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

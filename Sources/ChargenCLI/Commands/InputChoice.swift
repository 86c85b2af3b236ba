import ArgumentParser

/// The value of `--embedding D|one-hot`: the form in which characters enter the model.
enum InputChoice: ExpressibleByArgument, Equatable, CustomStringConvertible {
    case oneHot
    case embedding(Int)

    init?(argument: String) {
        if argument == "one-hot" {
            self = .oneHot
        } else if let size = Int(argument) {
            self = .embedding(size)
        } else {
            return nil
        }
    }

    /// The size of the embedding, D; nil for one-hot inputs.
    var size: Int? {
        switch self {
        case .oneHot: nil
        case .embedding(let size): size
        }
    }

    var description: String {
        switch self {
        case .oneHot: "one-hot"
        case .embedding(let size): "\(size)"
        }
    }

    var defaultValueDescription: String { description }
}

import ArgumentParser
import Chargen

/// One value of `--class-weight LABEL=W`: the weight of a label's texts in the loss.
struct ClassWeight: ExpressibleByArgument {
    let label: String
    let weight: Float

    /// Parses `LABEL=W`. The last equals sign separates the two, so a label may contain others. The weight is a finite number,
    /// 0 or more; nil otherwise.
    init?(argument: String) {
        guard let equals = argument.lastIndex(of: "="), let weight = Float(argument[argument.index(after: equals)...]),
            weight >= 0, weight.isFinite
        else { return nil }
        label = String(argument[..<equals])
        self.weight = weight
    }

    /// Finds the index of each label.
    /// - Throws: `ValidationError` for a label that no text has, or that has two weights.
    static func byIndex(_ weights: [ClassWeight], labelNames: [String]) throws -> [Int: Float] {
        var result: [Int: Float] = [:]
        for weight in weights {
            guard let index = labelNames.firstIndex(of: weight.label) else {
                throw ValidationError(
                    "--class-weight: no text has the label \(weight.label.quoted); the labels are "
                        + labelNames.prefix(20).joined(separator: ", ") + (labelNames.count > 20 ? ", …" : ""))
            }
            guard result.updateValue(weight.weight, forKey: index) == nil else {
                throw ValidationError("--class-weight: the label \(weight.label.quoted) has two weights; give one of them")
            }
        }
        return result
    }
}

/// What all rounds gave for one contestant.
struct Measured {
    let contestant: Contestant
    /// Characters or examples per second.
    var figures = Figures()
    /// The precision that its products had; nil where it is not told (chargen's choice in sampling).
    var precision: String?
    /// Why it is not measured any more.
    var failure: String?

    init(_ contestant: Contestant) {
        self.contestant = contestant
        precision = contestant.precision == .automatic ? nil : contestant.precision.rawValue
    }

    /// The program and its precision, also where it was chosen automatically.
    func name(in work: Work) -> String {
        let name = contestant.name(in: work)
        guard contestant.precision == .automatic, let precision else { return name }
        return "\(name) (\(precision))"
    }
}

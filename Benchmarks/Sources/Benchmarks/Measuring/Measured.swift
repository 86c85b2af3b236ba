/// The results of one contestant in all rounds.
struct Measured {
    let contestant: Contestant
    /// Characters or examples per second.
    var figures = Figures()
    /// The precision of its products; nil if it is unknown (chargen's choice in sampling).
    var precision: String?
    /// The error that ended its measurements.
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

import Foundation

/// The JSON object that a peer's script prints.
struct PeerFigure: Decodable {
    /// Characters per second, over all streams, or examples per second.
    let speed: Double
    /// What was measured, by the names of `peers/configs.py`.
    let fields: [String: String]

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        speed =
            try values.decodeIfPresent(Double.self, forKey: Key("examples_per_second"))
            ?? values.decode(Double.self, forKey: Key("characters_per_second"))
        var fields: [String: String] = [:]
        for name in ["V", "D", "H", "L", "F", "C", "N", "T"] {
            fields[name] = try values.decodeIfPresent(Int.self, forKey: Key(name)).map(String.init)
        }
        fields["cell"] = try values.decodeIfPresent(String.self, forKey: Key("cell"))
        self.fields = fields
    }

    /// Any name.
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

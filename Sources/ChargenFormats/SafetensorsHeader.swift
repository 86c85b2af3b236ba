/// The JSON header of a safetensors file.
struct SafetensorsHeader: Codable {
    /// One tensor's place.
    struct Entry: Codable {
        /// The type of its numbers; `F32` is float32.
        var dtype: String
        var shape: [Int]
        /// First byte and the byte after the last, from the end of the header.
        var offsets: [Int]

        private enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    var metadata: [String: String] = [:]
    var tensors: [String: Entry] = [:]

    init() {}

    /// The keys are the tensors' names, but for one.
    private struct Key: CodingKey {
        static let metadata = "__metadata__"
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        for key in values.allKeys {
            if key.stringValue == Key.metadata {
                metadata = try values.decode([String: String].self, forKey: key)
            } else {
                tensors[key.stringValue] = try values.decode(Entry.self, forKey: key)
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(metadata, forKey: Key(stringValue: Key.metadata))
        for (name, entry) in tensors { try values.encode(entry, forKey: Key(stringValue: name)) }
    }
}

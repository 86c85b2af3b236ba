/// The JSON header of a safetensors file.
struct SafetensorsHeader: Codable {
    /// The type, the shape and the byte range of one tensor.
    struct Entry: Codable {
        /// The type of its elements; `F32` is float32.
        var dtype: String
        /// The size of each dimension.
        var shape: [Int]
        /// The first byte and the byte after the last one, counted from the end of the header.
        var offsets: [Int]

        private enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    /// The metadata of the file.
    var metadata: [String: String] = [:]
    /// The entry of each tensor, by its name.
    var tensors: [String: Entry] = [:]

    init() {}

    /// A key of the header: the name of a tensor, or `__metadata__`.
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

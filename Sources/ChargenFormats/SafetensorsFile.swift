import ChargenFiles
import ChargenTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file in Hugging Face's safetensors format: named tensors, and metadata that maps strings to strings.
///
/// The file consists of the length of the header (8 bytes, little-endian), the header (JSON), and the elements of the tensors
/// (float32, little-endian).
struct SafetensorsFile {
    /// The metadata, which is stored in the header.
    var metadata: [String: String]
    /// The tensors, in the order of their bytes in the file.
    var tensors: [(name: String, tensor: Tensor)]

    /// The tensors by their names, which differ.
    var tensorsByName: [String: Tensor] { Dictionary(uniqueKeysWithValues: tensors.map { ($0, $1) }) }

    /// The maximum size of a header in bytes, the same as in the format's own library.
    static let headerLimit = 100_000_000
    /// The maximum size of a file in bytes.
    static let fileLimit: UInt64 = 1 << 36

    /// Returns the bytes of the file, in pieces that follow each other. The same content always gives the same bytes.
    func bytes() throws -> [[UInt8]] {
        var header = SafetensorsHeader()
        header.metadata = metadata
        var offset = 0
        for (name, tensor) in tensors {
            let end = offset + 4 * tensor.values.count
            header.tensors[name] = .init(dtype: "F32", shape: tensor.shape, offsets: [offset, end])
            offset = end
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var json = [UInt8](try encoder.encode(header))
        // Pad with spaces, so that the first element begins at a multiple of eight bytes.
        json += [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8)
        let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { [UInt8]($0) }
        return [length, json] + tensors.map { Self.bytes(of: $0.tensor.values) }
    }

    /// Reads the file at `path` and checks that its header and its size agree.
    /// - Throws: ``ModelFileError``, `FileError`.
    init(path: String) throws {
        let bytes = try WholeFile.bytes(of: path, limit: Self.fileLimit)
        guard bytes.count >= 8 else { throw ModelFileError.truncated(path: path, bytes: bytes.count, expected: 8) }
        let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= Self.headerLimit, length >= 2 else {
            throw ModelFileError.headerLength(path: path, length: length, limit: UInt64(Self.headerLimit))
        }
        let start = 8 + Int(length)
        guard bytes.count >= start else {
            throw ModelFileError.truncated(path: path, bytes: bytes.count, expected: start)
        }
        let header: SafetensorsHeader
        do {
            header = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(bytes[8..<start]))
        } catch {
            throw ModelFileError.badHeader(path: path, reason: "it is not the JSON that the format requires")
        }
        metadata = header.metadata
        tensors = []

        // In the order of their bytes: each tensor must begin where the one before it ends.
        let entries = header.tensors.sorted { ($0.value.offsets.first ?? 0, $0.key) < ($1.value.offsets.first ?? 0, $1.key) }
        var position = 0
        for (name, entry) in entries {
            try Self.check(name, entry, path: path, position: position, available: bytes.count - start)
            position = entry.offsets[1]
            let values = Self.values(of: bytes[(start + entry.offsets[0])..<(start + entry.offsets[1])])
            tensors.append((name, Tensor(shape: entry.shape, values: values)))
        }
        guard position == bytes.count - start else {
            throw ModelFileError.badHeader(
                path: path, reason: "\(bytes.count - start - position) bytes after the last tensor")
        }
    }

    /// Creates the content of a file.
    init(metadata: [String: String], tensors: [(name: String, tensor: Tensor)]) {
        self.metadata = metadata
        self.tensors = tensors
    }

    /// Checks that the bytes of a tensor begin at `position`, fit its shape and end within the `available` bytes.
    private static func check(
        _ name: String, _ entry: SafetensorsHeader.Entry, path: String, position: Int, available: Int
    ) throws {
        guard entry.dtype == "F32" else {
            throw ModelFileError.unsupportedType(path: path, tensor: name, type: entry.dtype)
        }
        func bad(_ reason: String) -> ModelFileError {
            .badOffsets(path: path, tensor: name, range: entry.offsets, reason: reason)
        }
        guard entry.offsets.count == 2, entry.offsets[0] >= 0, entry.offsets[0] <= entry.offsets[1] else {
            throw bad("is no range")
        }
        guard entry.offsets[0] >= position else { throw bad("overlaps the tensor before it") }
        guard entry.offsets[0] == position else { throw bad("leaves a gap after the tensor before it") }
        var count = 4
        for size in entry.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { throw bad("cannot hold shape \(entry.shape)") }
            count = product
        }
        guard entry.offsets[1] - entry.offsets[0] == count else {
            throw bad("is not the \(count) bytes that shape \(entry.shape) needs")
        }
        guard entry.offsets[1] <= available else {
            throw ModelFileError.truncated(path: path, bytes: available, expected: entry.offsets[1])
        }
    }

    private static func bytes(of values: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * values.count)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
        return bytes
    }

    private static func values(of bytes: ArraySlice<UInt8>) -> [Float] {
        bytes.withUnsafeBytes { buffer in
            (0..<buffer.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
    }
}

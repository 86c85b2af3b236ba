import ChargenTensor

/// A learned vector of D numbers for each of V tokens.
///
/// A batch of T·N tokens has far fewer distinct ones, so the layer gives each distinct token's vector once, with the
/// place of each token among them: what follows computes with each vector once.
package struct EmbeddingTable: Sendable {
    package let vocabularySize: Int
    package let size: Int
    /// `[V, D]`.
    package let table: ParameterLayout.Index

    /// Declares the layer's parameters under `name`.
    package init(name: String, vocabularySize: Int, size: Int, layout: inout ParameterLayout) {
        self.vocabularySize = vocabularySize
        self.size = size
        table = layout.add("\(name).embeddings", rows: vocabularySize, columns: size)
    }

    /// Standard normal, as in PyTorch: a vector is then as long as a whole layer's worth of inputs.
    package func initialize(_ parameters: ParameterBuffer, using random: inout RandomSource) {
        parameters[table].assign((0..<vocabularySize * size).map { _ in Float(random.normal()) })
    }

    /// The buffers of a pass.
    package final class Tape {
        /// `[U, D]`: the vectors of the distinct tokens, as they are and as products read them.
        let vectors: Matrix
        let rows: Operand
        /// `[U, D]`.
        package let gradient: Matrix
        /// `[V]`: the place of a token among the distinct ones, or −1.
        fileprivate var places: [Int32]
        /// The distinct tokens, by when they first came.
        fileprivate(set) var distinct: [Int32] = []
        /// `[T·N]`: the place of each token.
        fileprivate(set) var indices: [Int32] = []

        init(rows: Int, embedding: EmbeddingTable, training: Bool, precision: OperandPrecision) {
            vectors = Matrix(rows: rows, columns: embedding.size)
            self.rows = Operand(rows: rows, columns: embedding.size, precision: precision)
            gradient = Matrix(rows: training ? rows : 0, columns: embedding.size)
            places = [Int32](repeating: -1, count: embedding.vocabularySize)
        }
    }

    /// The most distinct tokens that a pass can have.
    package func maximumRows(_ size: PassSize) -> Int { min(vocabularySize, size.rows) }

    package func makeTape(_ size: PassSize) -> Tape {
        Tape(rows: maximumRows(size), embedding: self, training: size.training, precision: size.precision)
    }

    /// The vectors of the distinct tokens, and the place of each token among them.
    package func forward(
        _ tokens: [Int32], tape: Tape, parameters: ParameterBuffer, on backend: any Backend
    ) -> CellInput {
        for token in tape.distinct { tape.places[Int(token)] = -1 }
        tape.distinct.removeAll(keepingCapacity: true)
        tape.indices.removeAll(keepingCapacity: true)
        for token in tokens {
            if tape.places[Int(token)] < 0 {
                tape.places[Int(token)] = Int32(tape.distinct.count)
                tape.distinct.append(token)
            }
            tape.indices.append(tape.places[Int(token)])
        }
        let count = tape.distinct.count, table = parameters[table]
        for (row, token) in tape.distinct.enumerated() {
            tape.vectors[row..<row + 1].assign(table[Int(token)..<Int(token) + 1])
        }
        backend.convert(tape.vectors[0..<count], into: tape.rows[0..<count])
        return .gathered(rows: tape.rows[0..<count], indices: tape.indices)
    }

    /// Writes the parameters' gradient from ``Tape/gradient``.
    package func backward(tape: Tape, gradients: ParameterBuffer) {
        let table = gradients[table]
        table.fill(0)
        for (row, token) in tape.distinct.enumerated() {
            table[Int(token)..<Int(token) + 1].assign(tape.gradient[row..<row + 1])
        }
    }
}

import ChargenTensor

/// In which order another library keeps the gates of a cell: block `i` of its tensors is block `order[i]` of ours.
package struct GateOrder: Sendable {
    /// Of what multiplies the input.
    package let inputs: [Int]
    /// Of what multiplies the last state.
    package let gates: [Int]

    /// Keras's: i, f, c, o and z, r, h.
    package static func keras(_ kind: CellKind) -> GateOrder {
        switch kind {
        case .lstm: GateOrder(inputs: [0, 1, 2, 3], gates: [0, 1, 2, 3])
        case .gru: GateOrder(inputs: [1, 2, 0], gates: [0, 1, 2])
        case .gruResetBefore: GateOrder(inputs: [1, 2, 0], gates: [0, 1])
        case .simpleRNN: GateOrder(inputs: [0], gates: [0])
        }
    }

    /// PyTorch's: i, f, g, o and r, z, n.
    package static func torch(_ kind: CellKind) -> GateOrder {
        switch kind {
        case .lstm: GateOrder(inputs: [0, 1, 2, 3], gates: [0, 1, 2, 3])
        case .gru: GateOrder(inputs: [2, 1, 0], gates: [1, 0, 2])
        case .gruResetBefore: GateOrder(inputs: [2, 1, 0], gates: [1, 0])
        case .simpleRNN: GateOrder(inputs: [0], gates: [0])
        }
    }

    /// The `order.count` blocks of `values`, ours, in the other library's order.
    package static func toOther(_ values: [Float], _ order: [Int]) -> [Float] {
        guard order != Array(order.indices) else { return values }
        let size = values.count / order.count
        return order.flatMap { values[$0 * size..<($0 + 1) * size] }
    }

    /// The blocks of `values`, the other library's, in our order.
    package static func toOurs(_ values: [Float], _ order: [Int]) -> [Float] {
        toOther(values, order.indices.map { order.firstIndex(of: $0)! })
    }
}

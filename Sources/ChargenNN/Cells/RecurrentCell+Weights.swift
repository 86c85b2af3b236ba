import ChargenTensor

extension RecurrentCell {
    /// The weights as Keras has them: `kernel [D, G·H]`, `recurrent_kernel [H, G·H]` and, where there is one, `bias`,
    /// which is `[2, 3H]` for a GRU that resets after the product and `[G·H]` for others.
    package var weights: [LayerWeight] {
        let (H, order, G) = (specification.units, GateOrder.keras(kind), kind.inputs)
        var weights = [
            columns("kernel", kernel, shape: [inputSize, G * H], order.inputs), recurrentWeight(order),
        ]
        if let bias, let recurrentBias {
            let count = G * H
            weights.append(
                LayerWeight(
                    name: "bias", shape: [2, count],
                    read: {
                        GateOrder.toOther($0[bias].values, order.inputs)
                            + GateOrder.toOther($0[recurrentBias].values, order.gates)
                    },
                    write: { values, buffer in
                        buffer[bias].assign(GateOrder.toOurs(Array(values[..<count]), order.inputs))
                        buffer[recurrentBias].assign(GateOrder.toOurs(Array(values[count...]), order.gates))
                    }))
        } else if let bias {
            weights.append(columns("bias", bias, shape: [G * H], order.inputs))
        }
        return weights
    }

    /// The recurrent kernel; that of a second product is the last part of it.
    private func recurrentWeight(_ order: GateOrder) -> LayerWeight {
        let (H, G, main) = (specification.units, kind.inputs, recurrentKernel)
        guard let candidate = candidateKernel else {
            return columns("recurrent_kernel", main, shape: [H, G * H], order.gates)
        }
        return LayerWeight(
            name: "recurrent_kernel", shape: [H, G * H],
            read: { buffer in
                let both = Matrix(rows: H, columns: G * H)
                both.assignColumns(from: 0, buffer[main])
                both.assignColumns(from: 2 * H, buffer[candidate])
                return both.values
            },
            write: { values, buffer in
                let both = Matrix(rows: H, columns: G * H)
                both.assign(values)
                buffer[main].assign(columnsFrom: 0, of: both)
                buffer[candidate].assign(columnsFrom: 2 * H, of: both)
            })
    }

    /// A parameter whose blocks of columns are in another order.
    private func columns(_ name: String, _ index: ParameterLayout.Index, shape: [Int], _ order: [Int]) -> LayerWeight {
        let (rows, width) = (shape.count == 1 ? 1 : shape[0], shape.last!)
        return LayerWeight(
            name: name, shape: shape,
            read: {
                let turned = $0[index].tensor(shape: [rows, width]).transposed
                return Tensor(shape: turned.shape, values: GateOrder.toOther(turned.values, order)).transposed.values
            },
            write: { values, buffer in
                let turned = Tensor(shape: [rows, width], values: values).transposed
                let ours = Tensor(shape: turned.shape, values: GateOrder.toOurs(turned.values, order))
                buffer[index].assign(ours.transposed.values)
            })
    }
}

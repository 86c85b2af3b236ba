import ChargenTensor

/// One weight of a layer, under Keras's name and in Keras's layout; its gradient is read in the same way.
package struct LayerWeight {
    package let name: String
    package let shape: [Int]
    /// The weight's values in a buffer of parameters, or of gradients.
    package let read: (ParameterBuffer) -> [Float]
    package let write: ([Float], ParameterBuffer) -> Void

    package init(
        name: String, shape: [Int], read: @escaping (ParameterBuffer) -> [Float],
        write: @escaping ([Float], ParameterBuffer) -> Void
    ) {
        self.name = name
        self.shape = shape
        self.read = read
        self.write = write
    }

    /// A parameter that lies as it is.
    package init(_ name: String, _ index: ParameterLayout.Index, shape: [Int]) {
        self.init(
            name: name, shape: shape, read: { $0[index].values }, write: { $1[index].assign($0) })
    }

    /// The weight under the name that it has inside another layer.
    package func prefixed(_ prefix: String) -> LayerWeight {
        LayerWeight(name: prefix + name, shape: shape, read: read, write: write)
    }
}

/// A layer of a ``Sequential``, as its options describe it: a value that can be kept, copied and built any number of times.
///
/// Names, defaults and meaning of the options are Keras's.
public protocol Layer: Sendable {
    /// How the layer is put to work.
    var blueprint: LayerBlueprint { get }
}

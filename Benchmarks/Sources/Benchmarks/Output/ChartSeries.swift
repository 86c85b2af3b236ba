/// A colour of the chart and what it stands for.
enum ChartSeries: CaseIterable {
    case chargen, pyTorchBFloat16, pyTorchFloat32, keras, onnxRuntime

    /// The series of `contestant`; nil for those that the chart leaves to the table.
    init?(_ contestant: Contestant) {
        switch (contestant.program, contestant.precision) {
        case (.chargen, .automatic): self = .chargen
        case (.chargen, _): return nil
        case (.pyTorch, .bfloat16): self = .pyTorchBFloat16
        case (.pyTorch, _): self = .pyTorchFloat32
        case (.keras, _): self = .keras
        case (.onnxRuntime, _): self = .onnxRuntime
        }
    }

    /// The legend's text.
    var name: String {
        switch self {
        case .chargen: "chargen"
        case .pyTorchBFloat16: "PyTorch bfloat16"
        case .pyTorchFloat32: "PyTorch float32"
        case .keras: "Keras"
        case .onnxRuntime: "ONNX Runtime"
        }
    }

    /// The bar's colour.
    var colour: String {
        switch self {
        case .chargen: "#e8492c"
        case .pyTorchBFloat16: "#39588f"
        case .pyTorchFloat32: "#8ea9d1"
        case .keras: "#c79a2b"
        case .onnxRuntime: "#4f9a87"
        }
    }
}

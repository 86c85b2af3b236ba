/// The programs that are compared.
enum Program: String {
    case chargen
    case pyTorch = "PyTorch"
    case keras = "Keras"
    case onnxRuntime = "ONNX Runtime"

    /// The Python packages, as `peers/versions.py` names them, that it needs; chargen needs none.
    var packages: [String] {
        switch self {
        case .chargen: []
        case .pyTorch: ["numpy", "torch"]
        case .keras: ["tensorflow"]
        case .onnxRuntime: ["numpy", "onnx", "onnxruntime", "torch"]
        }
    }
}

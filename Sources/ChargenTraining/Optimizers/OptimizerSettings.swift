/// The numbers of the optimizers. Each optimizer reads those that belong to it and ignores the others.
///
/// They are properties of the options of a training run, too:
///
///     var options = FitOptions(epochs: 10)
///     options.optimizer = .adamw
///     options.beta2 = 0.99
///     options.weightDecay = 0.1
public struct OptimizerSettings: Sendable, Equatable {
    /// `adamw`: the weight decay of kernels and embeddings, as a share of the learning rate; nil for 0.01, unless a
    /// ``TrainingPlan`` chooses it.
    public var weightDecay: Double?
    /// `adam`, `adamw`, `nadam`: the decay rate β₁ of the running mean of the gradient.
    public var beta1 = 0.9
    /// `adam`, `adamw`, `nadam`: the decay rate β₂ of the running mean of the squared gradient.
    public var beta2 = 0.999
    /// All but `sgd`: the number ε that is added to the divisor; nil for 1e-8 with `adam` and `adamw` (PyTorch's) and 1e-7 with
    /// the others (Keras's). `rmsprop` and `adagrad` add it below the root.
    public var epsilon: Double?
    /// `sgd`, `rmsprop`: the momentum.
    public var momentum = 0.0
    /// `sgd`: whether the momentum is Nesterov's, which looks a step ahead.
    public var nesterov = false
    /// `rmsprop`: the decay rate ρ of the running mean of the squared gradient.
    public var rho = 0.9
    /// `rmsprop`: whether the divisor is the root of the gradient's variance instead of that of its squares.
    public var centered = false
    /// `adagrad`: the sum of squares that the first step starts from.
    public var initialAccumulator = 0.1

    static let defaultWeightDecay = 0.01

    /// The defaults, to be changed one by one.
    public init() {}
}

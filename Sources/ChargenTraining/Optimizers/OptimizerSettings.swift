/// The numbers of the optimizers. Each optimizer reads those that belong to it and ignores the others.
///
/// They are properties of the options of a training run, too:
///
///     var options = FitOptions(epochs: 10)
///     options.optimizer = .adamw
///     options.beta2 = 0.99
///     options.weightDecay = 0.1
public struct OptimizerSettings: Sendable, Equatable {
    /// `adamw`: the weight decay of kernels and embeddings, as a share of the learning rate.
    public var weightDecay = 0.01
    /// `adam`, `adamw`: the decay rate β₁ of the running mean of the gradient.
    public var beta1 = 0.9
    /// `adam`, `adamw`: the decay rate β₂ of the running mean of the squared gradient.
    public var beta2 = 0.999
    /// `adam`, `adamw`: the number ε that is added to the divisor; nil for the optimizer's default.
    public var epsilon: Double?
    /// `sgd`: the momentum.
    public var momentum = 0.0

    /// The defaults, to be changed one by one.
    public init() {}
}

/// The optimizers.
public enum OptimizerKind: String, Sendable, Codable, CaseIterable {
    /// Adaptive moments: the default.
    case adam
    /// Adam with weight decay of kernels and embeddings.
    case adamw
    /// Adam with Nesterov's momentum.
    case nadam
    /// The gradient divided by the root of a running mean of its squares.
    case rmsprop
    /// Gradient descent, with momentum if asked for.
    case sgd
    /// The gradient divided by the root of the sum of its squares.
    case adagrad

    /// The numbers that belong to the optimizer; the others have no effect on it.
    package var settings: Set<PartialKeyPath<OptimizerSettings>> {
        switch self {
        case .adam, .nadam: [\.beta1, \.beta2, \.epsilon]
        case .adamw: [\.beta1, \.beta2, \.epsilon, \.weightDecay]
        case .rmsprop: [\.rho, \.momentum, \.centered, \.epsilon]
        case .sgd: [\.momentum, \.nesterov]
        case .adagrad: [\.initialAccumulator, \.epsilon]
        }
    }

    /// The optimizer with its numbers.
    package func optimizer(_ settings: OptimizerSettings) -> any Optimizer {
        let (beta1, beta2, epsilon) = (settings.beta1, settings.beta2, settings.epsilon)
        let decay = settings.weightDecay ?? OptimizerSettings.defaultWeightDecay
        return switch self {
        case .adam: Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
        case .adamw: Adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay)
        case .nadam: Nadam(beta1: beta1, beta2: beta2, epsilon: epsilon)
        case .rmsprop:
            RMSprop(rho: settings.rho, momentum: settings.momentum, epsilon: epsilon, isCentered: settings.centered)
        case .sgd: SGD(momentum: settings.momentum, isNesterov: settings.nesterov)
        case .adagrad: Adagrad(initialAccumulator: settings.initialAccumulator, epsilon: epsilon)
        }
    }
}

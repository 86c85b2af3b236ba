import ChargenTensor

/// Returns `exp(logit − maximum)` for each logit: the probabilities before they are divided by their sum.
func softmaxWeights(_ logits: [Float]) -> [Double] {
    let largest = logits.max() ?? 0
    return logits.map { exponential(Double($0 - largest)) }
}

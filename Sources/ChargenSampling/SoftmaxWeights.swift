import ChargenTensor

/// `exp(logit − largest)` for each logit: probabilities but for their common divisor.
func softmaxWeights(_ logits: [Float]) -> [Double] {
    let largest = logits.max() ?? 0
    return logits.map { exponential(Double($0 - largest)) }
}

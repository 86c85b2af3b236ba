/// The peak speed of this machine in products with packed weights, in FLOP/s.
struct Peak {
    var float32 = Figures()
    /// Empty where this processor has no such instructions.
    var bfloat16 = Figures()

    /// The median for products in `precision`, nil where it was not measured.
    func median(_ precision: String) -> Double? { precision == "bfloat16" ? bfloat16.median : float32.median }
}

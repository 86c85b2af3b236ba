import Testing

/// Expects `found` and `expected` to agree number by number: to `absolute`, or to `relative` times the expected size.
public func expectClose(
    _ found: [Float], _ expected: [Float], absolute: Float, relative: Float = 0, _ what: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.count == expected.count, "\(what): the counts differ", sourceLocation: sourceLocation)
    for (index, (a, b)) in zip(found, expected).enumerated() {
        let allowed = max(absolute, relative * abs(b))
        if !(abs(a - b) <= allowed) {
            Issue.record("\(what)[\(index)]: \(a) is not \(b)", sourceLocation: sourceLocation)
            return
        }
    }
}

import Foundation

extension Double {
    /// Rounded to so many digits after the point.
    func rounded(_ digits: Int) -> Double {
        let unit = pow(10, Double(digits))
        return (self * unit).rounded() / unit
    }
}

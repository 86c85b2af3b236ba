/// An error that ended a training run, with the result of saving the model.
struct StoppedTraining: Error, CustomStringConvertible {
    /// The error that ended the training.
    let error: any Error
    /// The place where the model was saved, or the error of saving it.
    let result: String

    /// The error and the result of saving, in one line.
    var description: String { "\(Advice.message(for: error)); \(result)" }
}

/// An error that ended a training run whose model was saved, or could not be.
struct StoppedTraining: Error, CustomStringConvertible {
    /// The error that ended the training.
    let error: any Error
    /// What became of the model.
    let result: String

    /// One line that says what is wrong and where the model is.
    var description: String { "\(error); \(result)" }
}

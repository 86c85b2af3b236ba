/// The kinds of recurrent cell that are measured, under the names of `peers/configs.py`.
enum Cell: String {
    case lstm
    /// With a reset gate that multiplies the product, as in all programs here.
    case gru
    /// Of tanh.
    case rnn
    /// The multiplicative LSTM.
    case mlstm
    /// The multiplicative LSTM with layer normalization of its recurrent product.
    case normalizedMLSTM = "mlstm-norm"

    /// The name as people write it.
    var name: String {
        switch self {
        case .lstm: "LSTM"
        case .gru: "GRU"
        case .rnn: "simple RNN"
        case .mlstm: "multiplicative LSTM"
        case .normalizedMLSTM: "multiplicative LSTM with layer norm"
        }
    }

    /// Numbers that a unit takes from the product with the input, and as many from those with the last state.
    var gates: Int {
        switch self {
        case .lstm: 4
        case .gru: 3
        case .rnn: 1
        // Four gates and the intermediate state, which has a product with the last state of its own.
        case .mlstm, .normalizedMLSTM: 5
        }
    }
}

import ChargenText

/// An error in labelled texts.
public enum LabelledTextsError: Error, Equatable, CustomStringConvertible {
    /// Line `line` (of `member` in a zip archive), which consists of `text`, has no tab.
    case missingTab(path: String, member: String?, line: Int, text: String)
    /// Line `line` has no text before its label.
    case emptyText(path: String, member: String?, line: Int, label: String)
    /// Line `line` has no label after its text.
    case emptyLabel(path: String, member: String?, line: Int, text: String)
    /// All texts have the same label; `path` is nil if they were not read from a file.
    case oneLabel(path: String?, label: String)
    /// There is no labelled text; `path` is nil if nothing was read from a file.
    case noExamples(path: String?)

    /// One line that says what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .missingTab(let path, let member, let line, let text):
            "\(Self.place(path, member, line)): \(text.quoted) has no tab; "
                + "write a text, a tab and its label on each line"
        case .emptyText(let path, let member, let line, let label):
            "\(Self.place(path, member, line)): the label \(label.quoted) has no text before it; "
                + "add the text or remove the line"
        case .emptyLabel(let path, let member, let line, let text):
            "\(Self.place(path, member, line)): the text \(text.quoted) has no label after its last tab; "
                + "add the label or remove the line"
        case .oneLabel(let path, let label):
            (path.map { "\($0): " } ?? "") + "all texts have the label \(label.quoted); add texts with another one"
        case .noExamples(let path):
            (path.map { "\($0): " } ?? "") + "there is no labelled text; add lines of a text, a tab and its label"
        }
    }

    private static func place(_ path: String, _ member: String?, _ line: Int) -> String {
        (member.map { "\(path): member “\($0)”, " } ?? "\(path): ") + "line \(line)"
    }
}

import Foundation

/// The folder of this package, which holds the peers' scripts and takes the results.
enum PackageFolder {
    /// Where it was when this file was compiled; `swift run` compiles and runs in one place.
    static let url = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL

    /// The peers' scripts.
    static let peers = url.appending(path: "peers")

    /// The results that are kept.
    static let results = url.appending(path: "results")
}

// swift-tools-version: 6.0
import PackageDescription

// A package of its own, so that users of chargen never build it.
let package = Package(
    name: "chargen-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "chargen", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                .product(name: "Chargen", package: "chargen"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Benchmarks"
        )
    ],
    swiftLanguageModes: [.v6]
)
